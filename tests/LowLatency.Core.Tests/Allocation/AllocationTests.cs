using LowLatency.Core.Tests.Metrics;
using Xunit;
using Kind = LowLatency.Framing;

namespace LowLatency.Core.Tests.Allocation;

/// <summary>A request costs no allocation: nothing for the collector to do, however long the service runs.</summary>
public sealed class AllocationTests
{
    private const string Switch = "LOWLATENCY_TEN_MILLION";
    private const int WarmUpReads = 50_000;

    // Ten million, as the project promises, where somebody has the time.
    private static readonly int Requests = Environment.GetEnvironmentVariable(Switch) is "1" ? 10_000_000 : 1_000_000;

    [Theory]
    [InlineData(Kind.None, "hola", 1)]
    [InlineData(Kind.Line, "hola\r\n", 1)]
    [InlineData(Kind.Line, "a\n\nb\r\nc\n", 4)]
    [InlineData(Kind.LengthPrefix, "\0\0\0\u0004hola", 1)]
    [InlineData(Kind.LengthPrefix, "\0\0\0\u0001a\0\0\0\0\0\0\0\u0001b", 3)]
    public void A_million_requests_allocate_nothing_while_metrics_are_collected(Kind framing, string arrival, int requestsPerRead)
        => OnThreadOfItsOwn(() =>
        {
            using var metrics = new RecordedMetrics();
            var connection = new QuietConnection([.. arrival.Select(next => (byte)next)]);
            using var handler = new ResponderConnectionHandler(
                new FixedResponder("respuesta"u8.ToArray()),
                new ResponderOptions { Framing = framing, MessageTimeout = TimeSpan.FromHours(1), IdleTimeout = TimeSpan.FromHours(1) },
                metrics.Tcp);
            Task serving = handler.OnConnectedAsync(connection);
            Deliver(connection, WarmUpReads);
            int reads = Requests / requestsPerRead;
            long before = GC.GetAllocatedBytesForCurrentThread();
            Deliver(connection, reads);
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            connection.End();

            Assert.Equal(0, allocated);
            Assert.True(serving.IsCompletedSuccessfully);
            Assert.Equal((long)(reads + WarmUpReads) * requestsPerRead, metrics.Requests);
            Assert.Equal(metrics.Requests, metrics.Durations);
            Assert.True(connection.RepliedBytes >= metrics.Requests * "respuesta".Length);
        });

    private static void Deliver(QuietConnection connection, int times)
    {
        for (int read = 0; read < times; read++)
        {
            connection.Deliver();
        }
    }

    // Neither the test runner's context nor another test's work is on it.
    private static void OnThreadOfItsOwn(Action test)
    {
        Exception? failure = null;
        var thread = new Thread(() => failure = Record.Exception(test));
        thread.Start();
        thread.Join();
        Assert.Null(failure);
    }
}
