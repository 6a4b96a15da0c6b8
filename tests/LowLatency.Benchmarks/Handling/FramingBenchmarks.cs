using System.Buffers;
using BenchmarkDotNet.Attributes;

namespace LowLatency.Benchmarks.Handling;

/// <summary>Each framing alone: takes one message off the front, has it answered, and frames the reply.</summary>
[MemoryDiagnoser]
public class FramingBenchmarks
{
    private const int MaxMessageBytes = 64 * 1024;

    private readonly FixedResponder _responder = new("respuesta"u8.ToArray());
    private readonly Sink _sink = new();
    private readonly byte[] _bare = Messages.One(Framing.None);
    private readonly byte[] _line = Messages.One(Framing.Line);
    private readonly byte[] _prefixed = Messages.One(Framing.LengthPrefix);

    [Benchmark(Baseline = true)]
    public bool None() => Exchange(new NoFraming(), _bare);

    [Benchmark]
    public bool Line() => Exchange(new LineFraming(MaxMessageBytes), _line);

    [Benchmark]
    public bool LengthPrefix() => Exchange(new LengthPrefixFraming(MaxMessageBytes), _prefixed);

    private bool Exchange<TFraming>(TFraming framing, byte[] arrival)
        where TFraming : struct, IMessageFraming
    {
        var buffer = new ReadOnlySequence<byte>(arrival);
        bool isComplete = framing.TryRead(ref buffer, out ReadOnlySequence<byte> message) == FrameStatus.Complete;
        framing.Respond(_responder, in message, _sink);
        return isComplete;
    }

    /// <summary>Takes replies and forgets them.</summary>
    private sealed class Sink : IBufferWriter<byte>
    {
        private readonly byte[] _bytes = new byte[MaxMessageBytes];

        public void Advance(int count)
        {
        }

        public Memory<byte> GetMemory(int sizeHint = 0) => _bytes;

        public Span<byte> GetSpan(int sizeHint = 0) => _bytes;
    }
}
