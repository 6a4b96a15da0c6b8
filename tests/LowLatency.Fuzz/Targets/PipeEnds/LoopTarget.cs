using System.Runtime.ExceptionServices;
using LowLatency.Linux;
using LowLatency.Transports.BusyPoll;
using LowLatency.Transports.Polling;
using Microsoft.Extensions.Logging.Abstractions;

namespace LowLatency.Fuzz.Targets.PipeEnds;

/// <summary>A target with a loop, whose application is on the loop or beside it, step by step.</summary>
internal abstract class LoopTarget : FuzzTarget
{
    /// <summary>Small, so that a few bytes fill it.</summary>
    protected const int ReceiveBytes = 64;

    private readonly Turn _turn;

    // It sleeps between the steps: a wake-up comes at once where a slice of a busy machine does not.
    protected LoopTarget(string name)
        : base(name)
    {
        var options = new BusyPollTransportOptions { ReceiveBytes = 1024 };
        Loop = new PollLoop("fuzz", WaitStrategy.Blocking, options, cpusAreScarce: false, () => { }, NullLogger.Instance);
        _turn = new Turn(Loop);
    }

    protected PollLoop Loop { get; }

    public override void Dispose()
    {
        Loop.Dispose();
        _turn.Dispose();
        base.Dispose();
    }

    /// <summary>Runs a step on the loop or here, and then waits until the loop has done all that came of it.</summary>
    protected void Step(bool onLoop, Action step)
    {
        if (!onLoop)
        {
            step();
        }

        _turn.Run(onLoop ? step : null);
    }

    /// <summary>A post, behind it the turn of whatever wanted one, and what that has posted: then the loop has nothing to do.</summary>
    private sealed class Turn(PollLoop loop) : PollSource, IDisposable
    {
        private readonly ManualResetEventSlim _done = new(false, spinCount: 0);
        private ExceptionDispatchInfo? _failure;
        private Action? _step;

        internal void Run(Action? step)
        {
            _step = step;
            _failure = null;
            _done.Reset();
            loop.Post(static turn => ((Turn)turn!).RunStep(), this);
            _done.Wait();
            _failure?.Throw();
        }

        internal override void OnTurn() => loop.Post(static turn => ((Turn)turn!)._done.Set(), this);

        internal override void OnEvents(EpollEvents events)
        {
        }

        internal override void OnLoopEnd()
        {
        }

        public void Dispose() => _done.Dispose();

        private void RunStep()
        {
            try
            {
                _step?.Invoke();
            }
#pragma warning disable CA1031 // It is thrown again where the step was asked for.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                _failure = ExceptionDispatchInfo.Capture(exception);
            }

            loop.RunLater(this);
        }
    }
}
