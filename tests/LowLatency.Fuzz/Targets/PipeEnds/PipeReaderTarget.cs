using LowLatency.Fuzz.Driver;
using LowLatency.Transports.PipeEnds;

namespace LowLatency.Fuzz.Targets.PipeEnds;

/// <summary>The read end over both kinds of channel, against a <c>Pipe</c>: see <see cref="ReaderWalk{TChannel}"/>.</summary>
internal sealed class PipeReaderTarget() : LoopTarget("pipe-reader")
{
    public override void Run(FuzzInput input)
    {
        var script = new ChannelScript();
        if (input.Chance(2))
        {
            Walk(input, script, new MessageChannel(script));
        }
        else
        {
            Walk(input, script, new StreamChannel(script));
        }
    }

    private void Walk<TChannel>(FuzzInput input, ChannelScript script, TChannel channel)
        where TChannel : struct, IByteChannel
    {
        using var walk = new ReaderWalk<TChannel>(new ScriptedConnection<TChannel>(Loop, channel, ReceiveBytes), script, Step);
        walk.Run(input);
    }
}
