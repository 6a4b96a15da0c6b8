using LowLatency.Linux;
using LowLatency.Transports.PipeEnds;
using LowLatency.Transports.Polling;

namespace LowLatency.Fuzz.Targets.PipeEnds;

/// <summary>A polled connection whose events come from a script instead of epoll.</summary>
internal sealed class ScriptedConnection<TChannel> : PolledConnection<TChannel>
    where TChannel : struct, IByteChannel
{
    internal ScriptedConnection(PollLoop loop, TChannel channel, int receiveBytes)
        : base(loop, channel, local: null, remote: null, inline: true, receiveBytes, closed: null)
        => NeedsNoStart();

    /// <summary>The application has ended its output, and everything has gone.</summary>
    internal bool HasEndedOutput { get; private set; }

    /// <summary>The writer waits for room.</summary>
    internal bool WantsRoom { get; private set; }

    /// <summary>Something has arrived: an event tells of it, or, where looks are cheap, the loop's next look. On the loop.</summary>
    internal void Arrived()
    {
        if (!TChannel.ReceiveIsCheap)
        {
            Input.OnReadable(mayHoldMore: true);
        }

        LookAround();
    }

    /// <summary>Looks as the loop does round by round, until there is nothing. On the loop.</summary>
    internal void LookAround()
    {
        while (Input.TryReceive(mayHoldMore: !TChannel.ReceiveIsCheap) == LookResult.Found)
        {
        }
    }

    /// <summary>There may be room. On the loop.</summary>
    internal void HasRoom() => Output.OnWritable();

    internal override void Watch()
    {
    }

    internal override void WatchForEnd()
    {
    }

    internal override void WatchWritable(bool wanted) => WantsRoom = wanted;

    internal override void OutputEnded() => HasEndedOutput = true;

    internal override void OnEvents(EpollEvents events)
    {
    }

    internal override void OnTurn() => Arrived();

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
