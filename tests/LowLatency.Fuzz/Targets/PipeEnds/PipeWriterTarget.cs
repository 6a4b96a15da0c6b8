using System.IO.Pipelines;
using LowLatency.Fuzz.Driver;

namespace LowLatency.Fuzz.Targets.PipeEnds;

/// <summary>The write end over a peer that takes what it likes: what it gets is what was written, and a flush waits until it has it.</summary>
internal sealed class PipeWriterTarget() : LoopTarget("pipe-writer")
{
    private const int MostBytes = 40_000;

    // Far more than a pool thread takes to come, on a machine that has no time for it either. Who went on without it would take the
    // next flush for the cancelled one.
    private const int PoolMilliseconds = 60_000;

    public override void Run(FuzzInput input)
    {
        var script = new ChannelScript();
        var connection = new ScriptedConnection<StreamChannel>(Loop, new StreamChannel(script), ReceiveBytes);
        PipeWriter writer = connection.Writer;
        long written = 0;
        using var cancellation = new CancellationTokenSource();
        ValueTask<FlushResult>? pending = null;
        long flushed = 0;
        long room = 0;
        bool broken = false;
        bool cancelled = false;
        while (!input.IsEmpty)
        {
            bool onLoop = input.Chance(2);
            switch (input.Below(9))
            {
                case 0 or 1:
                    int count = input.Below(MostBytes);
                    Step(onLoop, () => Write(writer, ChannelScript.Stream(written, count), input));
                    written += count;
                    break;
                case 2 or 3 when pending is null:
                    flushed = cancellation.IsCancellationRequested ? flushed : written;
                    Step(onLoop, () => pending = writer.FlushAsync(cancellation.Token));
                    break;
                case 4 or 5:
                    int more = input.Below(60_000);
                    room += more;
                    script.MakeRoom(more);
                    Step(true, connection.HasRoom);
                    break;
                case 6:
                    cancelled = true;
                    Step(onLoop, writer.CancelPendingFlush);
                    break;
                case 7 when input.Chance(6):
                    Step(onLoop, cancellation.Cancel);
                    break;
                case 8 when input.Chance(6):
                    broken = true;
                    script.Fail();
                    Step(true, connection.HasRoom);
                    break;
            }

            long sent = script.Sent;
            Require(sent <= written && script.SentTheStream, "The peer gets what was written, in its order.");
            Require(broken || sent >= Math.Min(flushed, room), $"What was flushed has gone as far as there is room: {sent} of {flushed}, room {room}.");
            if (pending is ValueTask<FlushResult> flush && (flush.IsCompleted || WaitsForPool(flush, broken, cancelled || cancellation.IsCancellationRequested)))
            {
                pending = null;
                if (flush.IsCompletedSuccessfully)
                {
                    FlushResult result = flush.Result;
                    Require(result.IsCanceled || result.IsCompleted || sent >= flushed, "A flush is done when all has gone.");
                    Require(!result.IsCanceled || cancelled, "A flush is cancelled when somebody asked for it.");
                    Require(!result.IsCompleted || broken, "A flush finds the connection broken when it is.");
                    cancelled &= !result.IsCanceled;
                }
                else
                {
                    Require(flush.IsCanceled && cancellation.IsCancellationRequested, "A flush fails by its token only.");
                }
            }
            else
            {
                // What was written behind it may have to go first: a block that is full is sent with what was flushed.
                Require(pending is null || room < written, "A flush waits for room only.");
            }
        }

        Finish(connection, script, written, broken, room);
    }

    private void Finish(ScriptedConnection<StreamChannel> connection, ChannelScript script, long written, bool broken, long room)
    {
        Step(false, () => connection.Writer.Complete());
        Require(!connection.HasEndedOutput || broken || room >= written, "The end is not told before everything has gone.");
        script.MakeRoom(int.MaxValue);
        Step(true, connection.HasRoom);
        Require(broken || (script.Sent == written && script.SentTheStream), "What was written before the end goes out.");
        Require(connection.HasEndedOutput, "The end is told.");
        Step(true, () => connection.Context.DisposeAsync().AsTask());
    }

    // A cancellation completes the flush on a pool thread.
    private static bool WaitsForPool(ValueTask<FlushResult> flush, bool broken, bool cancelled)
        => (broken || cancelled) && SpinWait.SpinUntil(() => flush.IsCompleted, PoolMilliseconds);

    private static void Write(PipeWriter writer, ReadOnlySpan<byte> bytes, FuzzInput input)
    {
        for (int at = 0; at < bytes.Length;)
        {
            int hint = input.Below(3) switch
            {
                0 => 0,
                1 => 1 + input.Below(100),
                _ => bytes.Length - at,
            };
            Span<byte> span = writer.GetSpan(hint);
            Require(span.Length >= Math.Max(hint, 1), "There is as much room as was asked for.");
            int count = Math.Min(span.Length, bytes.Length - at);
            bytes.Slice(at, count).CopyTo(span);
            writer.Advance(count);
            at += count;
        }
    }
}
