using LowLatency.Linux;
using LowLatency.Transports.BusyPoll;
using LowLatency.Transports.PipeEnds;
using LowLatency.Transports.Polling;
using Microsoft.Extensions.Logging.Abstractions;

namespace LowLatency.Transports.Tests.Hosting;

/// <summary>A connection of a loop that the test runs step by step, over a channel of the test's.</summary>
internal class LoopConnection<TChannel> : PolledConnection<TChannel>
    where TChannel : struct, IByteChannel
{
    internal LoopConnection(PollLoop loop, TChannel channel)
        : base(loop, channel, local: null, remote: null, inline: true, receiveBytes: 4096, closed: null) => NeedsNoStart();

    /// <summary>A loop without a thread, for such connections.</summary>
    internal static PollLoop NewLoop()
        => new("test", WaitStrategy.Blocking, new BusyPollTransportOptions(), cpusAreScarce: false, setUpThread: null, NullLogger.Instance);

    /// <summary>A read is pending.</summary>
    internal bool IsWaiting => Input.IsWaiting;

    /// <summary>The loop looks at the channel once. On the loop.</summary>
    internal void LookOnce() => Input.OnReadable(mayHoldMore: true);

    internal override void Watch()
    {
    }

    internal override void WatchForEnd()
    {
    }

    internal override void WatchWritable(bool wanted)
    {
    }

    internal override void OutputEnded()
    {
    }

    internal override void OnEvents(EpollEvents events)
    {
    }

    internal override void OnLoopEnd()
    {
    }

    protected override void Sever()
    {
    }

    protected override void CloseOrLinger() => Close();

    protected override void ReleaseTransport()
    {
    }
}
