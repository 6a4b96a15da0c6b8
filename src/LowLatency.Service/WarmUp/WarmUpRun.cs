using System.Diagnostics;
using System.Runtime;
using System.Runtime.CompilerServices;
using LowLatency.Client;
using LowLatency.Service.Configuration;
using LowLatency.Service.Endpoints;
using LowLatency.Transports.BusyPoll;
using Microsoft.AspNetCore.Connections;

namespace LowLatency.Service.WarmUp;

/// <summary>Drives private twins of the configured endpoints until the hot path is compiled.</summary>
/// <remarks>
/// The runtime compiles a method quickly at first and well only once it has been called often, in the background. The first
/// real request is to meet the well compiled code: the run goes on until compiling has come to rest.
/// </remarks>
internal sealed class WarmUpRun(ServiceOptions options, IEnumerable<IConnectionListenerFactory> transports, ILoggerFactory loggerFactory)
{
    private const int RequestsPerRound = 4000;
    private const int ConnectionsPerRound = 40;
    private const int QuietRounds = 3;
    private const int ReplyBytes = 64 * 1024;

    // Now and then something rare reaches its turn to be compiled; the hot path comes in hundreds.
    private const int StillCompiling = 8;

    private static readonly TimeSpan QuietFor = TimeSpan.FromMilliseconds(120);
    private static readonly TimeSpan OnceMore = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    /// <summary>Runs to the end, or gives up after a few seconds, which leaves the service colder but no less right.</summary>
    /// <returns>How many requests it took.</returns>
    internal async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        // Its loop sleeps whenever it can: a third thread that spins would be one too many for a machine with two CPUs.
        using var connections = new LowLatencyConnectionFactory(new BusyPollTransportOptions { WaitStrategy = WaitStrategy.Blocking });
        using var metrics = options.MetricsEnabled ? new TwinMetrics() : null;

        // Endpoints of one kind run through the same code: one of them is enough.
        IEnumerable<EndpointOptions> kinds = options.Endpoints.Where(EndpointRegistry.CanListen).DistinctBy(each => (each.Transport, each.Url.Scheme, each.Framing, IsEncrypted: each.Tls is not null));
        await using var twin = new TwinServer(options, kinds, transports, loggerFactory, metrics);
        int requests = 0;
        List<TwinEndpoint> endpoints = await twin.StartAsync(cancellationToken);
        foreach (TwinEndpoint endpoint in endpoints)
        {
            requests += await Task.Run(() => Drive(endpoint, connections, cancellationToken), cancellationToken);
        }

        // What the start has left behind is collected now and not under load. The heap has moved then: once more over it.
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true, compacting: true);
        GCSettings.LatencyMode = GCLatencyMode.SustainedLowLatency;
        foreach (TwinEndpoint endpoint in endpoints)
        {
            requests += await Task.Run(() => DriveRound(endpoint, connections, TwinServer.RequestFor(endpoint.Framing), new byte[ReplyBytes], OnceMore), cancellationToken);
        }

        return requests;
    }

    private static int Drive(TwinEndpoint endpoint, IConnectionFactory connections, CancellationToken cancellationToken)
    {
        byte[] request = TwinServer.RequestFor(endpoint.Framing);
        byte[] reply = new byte[ReplyBytes];
        int requests = 0;

        // Compiled ahead of time, one round is enough: it touches the pages.
        int quiet = RuntimeFeature.IsDynamicCodeCompiled ? 0 : QuietRounds - 1;
        long started = Stopwatch.GetTimestamp();
        while (quiet < QuietRounds && Stopwatch.GetElapsedTime(started) < Longest && !cancellationToken.IsCancellationRequested)
        {
            long compiled = JitInfo.GetCompiledMethodCount();
            long round = Stopwatch.GetTimestamp();
            do
            {
                requests += DriveRound(endpoint, connections, request, reply, Longest - Stopwatch.GetElapsedTime(started));
            }
            while (Stopwatch.GetElapsedTime(round) < QuietFor && !cancellationToken.IsCancellationRequested);
            quiet = JitInfo.GetCompiledMethodCount() - compiled <= StillCompiling ? quiet + 1 : 0;
        }

        return requests;
    }

    private static int DriveRound(TwinEndpoint endpoint, IConnectionFactory connections, byte[] request, byte[] reply, TimeSpan longest)
    {
        long started = Stopwatch.GetTimestamp();
        int requests = 0;
        for (int connection = 0; connection < ConnectionsPerRound && Stopwatch.GetElapsedTime(started) < longest; connection++)
        {
            using WarmUpClient client = WarmUpClient.Connect(endpoint, connections);
            int exchanges = connection == 0 ? RequestsPerRound : 1;
            for (int exchange = 0; exchange < exchanges && Stopwatch.GetElapsedTime(started) < longest; exchange++)
            {
                client.Exchange(request, reply);
                requests++;
            }
        }

        return requests;
    }
}
