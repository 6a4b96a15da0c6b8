using System.Net;
using System.Net.Sockets;
using LowLatency.Client;
using Xunit;

namespace LowLatency.Service.Tests.Running;

/// <summary>A client that asks over and over, one request at a time.</summary>
/// <remarks>It bears a clean end of the connection, and nothing else: a reset, a refusal or half a reply fails its test.</remarks>
internal static class ClosedLoop
{
    private const string Reply = "respuesta";

    /// <summary>Asks until the service ends the connection, or it is enough.</summary>
    /// <returns>How many replies there were.</returns>
    internal static Task<int> RunAsync(string url, CancellationToken enough = default)
        => url.StartsWith("shm://", StringComparison.Ordinal)
            ? Task.Factory.StartNew(() => AskOverRings(url, enough), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)
            : AskOverSocketAsync(AddressOf(url), enough);

    /// <summary>Asks until it is enough, and connects anew whenever the service has ended the connection.</summary>
    internal static async Task<int> RunOverRestartsAsync(string url, CancellationToken enough)
    {
        int replies = 0;
        while (!enough.IsCancellationRequested)
        {
            replies += await RunAsync(url, enough);
        }

        return replies;
    }

    internal static EndPoint AddressOf(string url) => url.StartsWith("unix://", StringComparison.Ordinal)
        ? new UnixDomainSocketEndPoint(url["unix://".Length..])
        : IPEndPoint.Parse(url["tcp://".Length..]);

    private static async Task<int> AskOverSocketAsync(EndPoint address, CancellationToken enough)
    {
        using ServiceClient client = await ServiceClient.ConnectAsync(address);
        int replies = 0;
        while (!enough.IsCancellationRequested)
        {
            string reply = await client.AskAsync("hola");
            if (reply.Length == 0)
            {
                break;
            }

            Assert.Equal(Reply, reply);
            replies++;
        }

        return replies;
    }

    private static int AskOverRings(string url, CancellationToken enough)
    {
        var options = new LowLatencyClientOptions
        {
            ConnectTimeout = Deadline.Default,
            AskTimeout = Deadline.Default,
            SpinFor = TimeSpan.FromMicroseconds(20),
            LookBeforeAsking = false,
        };
        using LowLatencyClient client = LowLatencyClient.ConnectAsync(url, options, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        byte[] reply = new byte[100];
        int replies = 0;
        try
        {
            while (!enough.IsCancellationRequested)
            {
                Assert.Equal(Reply.Length, client.Ask("hola"u8, reply));
                replies++;
            }
        }
        catch (LowLatencyClientException end) when (end.Failure == ClientFailure.ClosedByPeer)
        {
            // The clean end.
        }

        return replies;
    }
}
