using LowLatency.Core.Tests.Connections;
using LowLatency.Core.Tests.Framing;
using LowLatency.Fuzz.Driver;
using Kind = LowLatency.Framing;

namespace LowLatency.Fuzz.Targets.Framing;

/// <summary>A whole session over any stream in any segmentation gives the replies of a reader that sees the stream at once.</summary>
internal sealed class FramingTarget() : FuzzTarget("framing", "\n", "\r\n", "\0\0\0\u0001", "\0\0\0\0", "\0\0\0\u0010", "\u00FF\u00FF\u00FF\u00FF", "\u0080\0\0\0", "\0\0\0")
{
    public override void Run(FuzzInput input)
    {
        Kind framing = (Kind)input.Below(3);
        var options = new ResponderOptions
        {
            Framing = framing,
            MaxMessageBytes = 1 + input.Below(40),
            MaxPendingReplyBytes = 1 + input.Below(100),
            ReplyTimeout = null,
        };
        int[] cuts = [.. Enumerable.Range(0, 1 + input.Below(16)).Select(_ => 1 + input.Below(24))];
        bool oneAtATime = input.Chance(2);
        byte[] stream = input.Data(int.MaxValue).ToArray();

        var connection = new SegmentedConnection(Cut(stream, cuts), oneAtATime ? 1 : cuts[0]);
        using var handler = new ResponderConnectionHandler(new BracketResponder(), options);
        Task serving = handler.OnConnectedAsync(connection);

        Require(serving.IsCompletedSuccessfully, $"A session over a stream that is all there runs to its end: {serving.Status} {serving.Exception}");
        byte[] expected = framing == Kind.None
            ? [.. connection.Reads.SelectMany(read => (byte[])[(byte)'[', .. read, (byte)']'])]
            : NaiveFraming.Replies(framing, stream, options.MaxMessageBytes);
        Require(connection.Replies.SequenceEqual(expected), $"The replies of {framing} are those of the whole stream: {Show(connection.Replies)} and not {Show(expected)}");
        Require(connection.MostUnflushed <= options.MaxPendingReplyBytes + options.MaxMessageBytes + 24 || framing == Kind.None, $"Replies are flushed when enough have gathered, and not at {connection.MostUnflushed}.");
        connection.RequireEnd();
    }

    private static IEnumerable<byte[]> Cut(byte[] stream, int[] cuts)
    {
        int at = 0;
        for (int piece = 0; at < stream.Length; piece++)
        {
            int length = Math.Min(cuts[piece % cuts.Length], stream.Length - at);
            yield return stream[at..(at + length)];
            at += length;
        }
    }

    private static string Show(byte[] bytes) => Convert.ToHexString(bytes);
}
