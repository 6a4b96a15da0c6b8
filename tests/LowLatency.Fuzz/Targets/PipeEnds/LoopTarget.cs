using LowLatency.Transports.BusyPoll;
using LowLatency.Transports.Polling;
using Microsoft.Extensions.Logging.Abstractions;

namespace LowLatency.Fuzz.Targets.PipeEnds;

/// <summary>A target with a loop, whose application is on the loop or beside it, step by step.</summary>
/// <remarks>The loop has no thread of its own: a step costs a microsecond and not two wake-ups, and an input comes out the same every time.</remarks>
internal abstract class LoopTarget(string name) : FuzzTarget(name)
{
    /// <summary>Small, so that a few bytes fill it.</summary>
    protected const int ReceiveBytes = 64;

    protected PollLoop Loop { get; } = new(
        "fuzz", WaitStrategy.Blocking, new BusyPollTransportOptions { ReceiveBytes = 1024 }, cpusAreScarce: false, setUpThread: null, NullLogger.Instance);

    public override void Dispose()
    {
        Loop.Dispose();
        base.Dispose();
    }

    /// <summary>Runs a step as the loop or as somebody else, and then whatever has come of it for the loop.</summary>
    protected void Step(bool onLoop, Action step)
    {
        if (!onLoop)
        {
            step();
        }

        Loop.RunHere(onLoop ? step : null);
    }
}
