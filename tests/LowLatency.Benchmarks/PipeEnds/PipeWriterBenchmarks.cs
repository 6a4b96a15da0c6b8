using System.IO.Pipelines;
using BenchmarkDotNet.Attributes;
using LowLatency.Transports.BusyPoll;
using LowLatency.Transports.BusyPoll.Internal;
using LowLatency.Transports.Polling;
using Microsoft.Extensions.Logging.Abstractions;

namespace LowLatency.Benchmarks.PipeEnds;

/// <summary>A reply through the write end and the kernel to the peer, and the same by bare system calls: the difference is ours.</summary>
/// <remarks>
/// The loop sleeps all the while: a flush that the kernel takes at once does not meet it. It runs beside the loop, not on it,
/// and so its memory comes from the shared pool, a little slower than on the loop.
/// </remarks>
[MemoryDiagnoser]
public class PipeWriterBenchmarks
{
    private readonly byte[] _reply = "respuesta"u8.ToArray();
    private readonly byte[] _received = new byte[64];
    private SocketPair _sockets = null!;
    private PollLoop _loop = null!;
    private PipeWriter _output = null!;

    [GlobalSetup]
    public void SetUp()
    {
        _sockets = new SocketPair();
        var options = new BusyPollTransportOptions();
        _loop = new PollLoop("benchmark", WaitStrategy.Blocking, options, cpusAreScarce: false, () => { }, NullLogger.Instance);
        _output = new SocketConnection(_loop, _sockets.Near, local: null, remote: null, inline: true, options.ReceiveBytes, closed: null).Writer;
    }

    [GlobalCleanup]
    public void CleanUp()
    {
        _loop.Dispose();
        _sockets.Dispose();
    }

    [Benchmark(Baseline = true)]
    public int SendAndReceive()
    {
        _sockets.Near.Send(_reply);
        return _sockets.Far.Receive(_received).Count;
    }

    [Benchmark]
    public int WriteFlushAndReceive()
    {
        _reply.CopyTo(_output.GetSpan(_reply.Length));
        _output.Advance(_reply.Length);
        ValueTask<FlushResult> flush = _output.FlushAsync();
        return flush.IsCompletedSuccessfully ? _sockets.Far.Receive(_received).Count : throw new InvalidOperationException("The socket is full.");
    }
}
