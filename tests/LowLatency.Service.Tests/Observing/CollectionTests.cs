using System.Net.Sockets;
using LowLatency.Service.Tests.Running;
using Xunit;

namespace LowLatency.Service.Tests.Observing;

/// <summary>Requests leave nothing for the collector, in the whole process.</summary>
public sealed class CollectionTests
{
    private const int Requests = 300_000;
    private const int WarmUp = 5_000;

    // What two scrapes and the runtime's own timers may allocate meanwhile; one object a request would be over twice of it.
    private const double MostAllocatedBytes = Requests * 10;

    [Fact]
    public async Task Hundreds_of_thousands_of_requests_cause_no_collection()
    {
        await using ServiceProcess service = await ServiceProcess.StartAsync();
        using ServiceClient client = await service.ConnectAsync();
        Ask(client.Socket, WarmUp);
        await service.AssertMetricAsync(WarmUp, "lowlatency_requests_total");
        double collections = await service.MetricAsync("dotnet_gc_collections_total");
        double allocated = await service.MetricAsync("dotnet_gc_heap_total_allocated_bytes_total");
        Ask(client.Socket, Requests);

        await service.AssertMetricAsync(WarmUp + Requests, "lowlatency_requests_total");
        Assert.Equal(collections, await service.MetricAsync("dotnet_gc_collections_total"));
        Assert.InRange(await service.MetricAsync("dotnet_gc_heap_total_allocated_bytes_total") - allocated, 0, MostAllocatedBytes);
    }

    private static void Ask(Socket socket, int times)
    {
        Span<byte> reply = stackalloc byte[64];
        socket.ReceiveTimeout = (int)Deadline.Default.TotalMilliseconds;
        for (int request = 0; request < times; request++)
        {
            socket.Send("hola"u8);
            if (socket.Receive(reply) != "respuesta".Length)
            {
                Assert.Fail("A reply of another length.");
            }
        }
    }
}
