using System.Diagnostics;
using System.Net;
using LowLatency.Linux;
using LowLatency.LoadTest.Connections;
using LowLatency.LoadTest.Workloads;

namespace LowLatency.LoadTest.Tests.Workloads;

/// <summary>A target in a world of its own, with a clock that moves only when somebody looks at it or waits.</summary>
/// <remarks>It answers each request when the time laid down for it has passed, and keeps a record of what it did.</remarks>
internal sealed class FakeTarget(byte[] reply, Func<int, long> delayOf) : ClientSockets, IConnector
{
    private readonly List<FakeWire> _wires = [];

    public FakeClock Clock { get; } = new();

    /// <summary>When each request arrived here and when it was answered, in ticks, in the order of the answers.</summary>
    public List<(long ArrivedAt, long AnsweredAt)> Answers { get; } = [];

    public int Arrivals { get; private set; }

    public override IConnector CreateConnector(EndPoint target, IdleStrategy idle) => this;

    public override IReadiness CreateReadiness(int connections, IdleStrategy idle) => new FakeReadiness(this);

    public Errno TryConnect(out IWire? wire)
    {
        var connected = new FakeWire(this);
        _wires.Add(connected);
        wire = connected;
        return Errno.None;
    }

    private sealed class FakeWire(FakeTarget target) : IWire
    {
        private long _arrivedAt;

        public long AnswersAt { get; private set; } = long.MaxValue;

        public int Descriptor => -1;

        public bool LooksAreCheap => true;

        public IoResult Send(ReadOnlySpan<byte> bytes)
        {
            if (bytes.Length > 0)
            {
                _arrivedAt = target.Clock.Now;
                AnswersAt = _arrivedAt + target.DelayOfNext();
            }

            return IoResult.Done(bytes.Length);
        }

        public IoResult Receive(Span<byte> buffer)
        {
            if (target.Clock.Now < AnswersAt)
            {
                return IoResult.Failed(Errno.Again);
            }

            target.Answers.Add((_arrivedAt, target.Clock.Now));
            AnswersAt = long.MaxValue;
            target.Reply.CopyTo(buffer);
            return IoResult.Done(target.Reply.Length);
        }

        public void Dispose() => target._wires.Remove(this);
    }

    private byte[] Reply => reply;

    private long DelayOfNext() => delayOf(Arrivals++);

    // Waits as long as it may, or until somebody is answered.
    private sealed class FakeReadiness(FakeTarget target) : IReadiness
    {
        private const long LongestLook = 100;

        public void Add(IWire wire, int index, bool forSending)
        {
        }

        public void Change(IWire wire, int index, bool forSending)
        {
        }

        public int Collect(int longestWaitMilliseconds)
        {
            long wait = longestWaitMilliseconds == 0 ? LongestLook : longestWaitMilliseconds * (Stopwatch.Frequency / 1_000);
            long next = target._wires.Min(wire => wire.AnswersAt);
            target.Clock.Now = Math.Max(target.Clock.Now, Math.Min(next, target.Clock.Now + wait));
            return target._wires.Count;
        }

        public int At(int position) => position;

        public void Dispose()
        {
        }
    }
}
