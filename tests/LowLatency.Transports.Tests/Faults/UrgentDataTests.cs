using System.IO.Pipelines;
using System.Net.Sockets;
using LowLatency.Transports.Tests.Hosting;
using Xunit;

namespace LowLatency.Transports.Tests.Faults;

/// <summary>A receive stops in front of urgent data, and brings less than there is: what lies behind it is found all the same.</summary>
public sealed class UrgentDataTests
{
    [Theory(Timeout = Hanging.After)]
    [InlineData(AddressFamily.InterNetwork)]
    [InlineData(AddressFamily.Unix)]
    public async Task What_lies_behind_urgent_data_is_read_as_well(AddressFamily family)
    {
        using var pair = new SocketConnectionPair(family);
        string received = "";
        pair.Loop.RunHere(() => _ = ReadAsync(pair.Server.Reader, text => received += text));
        pair.Client.Send("abc"u8);
        pair.Client.Send("!"u8, SocketFlags.OutOfBand);
        pair.Client.Send("def"u8);

        await Eventually.IsTrue(
            () =>
            {
                pair.Loop.RunHere(null);
                return received.Contains("def", StringComparison.Ordinal);
            },
            () => $"Only this was read: {received}");
        Assert.StartsWith("abc", received, StringComparison.Ordinal);
    }

    private static async Task ReadAsync(PipeReader input, Action<string> read)
    {
        while (true)
        {
            ReadResult result = await input.ReadAsync();
            read(result.Text());
            input.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted)
            {
                return;
            }
        }
    }
}
