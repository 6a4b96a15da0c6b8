using System.Text;
using BenchmarkDotNet.Attributes;
using LowLatency.Benchmarks.Metrics;
using LowLatency.Core.Tests.Allocation;

namespace LowLatency.Benchmarks.Handling;

/// <summary>One request through the connection handler, over pipe ends that cost next to nothing: from the read to the flush.</summary>
[MemoryDiagnoser]
public class HandlerBenchmarks
{
    private ServiceMetrics? _metrics;
    private ResponderConnectionHandler _handler = null!;
    private QuietConnection _connection = null!;

    [Params(Framing.None, Framing.Line, Framing.LengthPrefix)]
    public Framing Framing { get; set; }

    [Params(false, true)]
    public bool Metrics { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        _metrics = Metrics ? new ServiceMetrics() : null;
        _handler = new ResponderConnectionHandler(
            new FixedResponder(Encoding.UTF8.GetBytes("respuesta")), new ResponderOptions { Framing = Framing }, _metrics?.Tcp);
        _connection = new QuietConnection(Messages.One(Framing));
        _ = _handler.OnConnectedAsync(_connection);
    }

    [GlobalCleanup]
    public void CleanUp()
    {
        _connection.End();
        _handler.Dispose();
        _metrics?.Dispose();
    }

    [Benchmark]
    public void Request() => _connection.Deliver();
}
