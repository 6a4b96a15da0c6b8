using BenchmarkDotNet.Attributes;
using LowLatency.Core.Tests.Allocation;
using LowLatency.Internal;
using Microsoft.AspNetCore.Connections;

namespace LowLatency.Benchmarks.Handling;

/// <summary>What the limits cost a request: the marks that a session leaves for the sweep over the deadlines, and the sweep.</summary>
/// <remarks>
/// The marks are left whether or not a limit is set, so the first figure is to be added to the difference of the other two.
/// No timer and no clock per request; the limits on sizes are one comparison each, within <see cref="FramingBenchmarks"/>.
/// </remarks>
[MemoryDiagnoser]
public class LimitBenchmarks
{
    // One pair of marks disappears behind the call that measures it.
    private const int Marks = 1000;
    private const int ConnectionsBeside = 1000;

    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(1);

    private readonly ConnectionActivity _activity = new(new DefaultConnectionContext(), metrics: null);
    private readonly List<QuietConnection> _beside = [];
    private ResponderConnectionHandler _handler = null!;
    private QuietConnection _connection = null!;

    [GlobalSetup(Target = nameof(WithoutLimits))]
    public void SetUpWithout() => SetUp(new ResponderOptions { ReplyTimeout = null });

    /// <summary>A hundred sweeps a second, the most there are; timeouts of a second or more ask for ten at the most.</summary>
    [GlobalSetup(Target = nameof(WithLimits))]
    public void SetUpWith()
        => SetUp(new ResponderOptions { MessageTimeout = TimeSpan.FromMilliseconds(100), IdleTimeout = Timeout, ReplyTimeout = Timeout });

    [GlobalCleanup]
    public void CleanUp()
    {
        foreach (QuietConnection connection in _beside)
        {
            connection.End();
        }

        _handler?.Dispose();
    }

    [Benchmark(OperationsPerInvoke = Marks)]
    public void TheMarks()
    {
        for (int i = 0; i < Marks; i++)
        {
            _activity.Progress++;
            _activity.Waiting = Waiting.ForMessage;
        }
    }

    [Benchmark(Baseline = true)]
    public void WithoutLimits() => _connection.Deliver();

    [Benchmark]
    public void WithLimits() => _connection.Deliver();

    private void SetUp(ResponderOptions options)
    {
        _handler = new ResponderConnectionHandler(new FixedResponder("respuesta"u8.ToArray()), options);
        for (int i = 0; i <= ConnectionsBeside; i++)
        {
            _connection = new QuietConnection(Messages.One(Framing.None));
            _beside.Add(_connection);
            _ = _handler.OnConnectedAsync(_connection);
        }
    }
}
