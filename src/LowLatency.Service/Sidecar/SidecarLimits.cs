using System.Threading.RateLimiting;
using LowLatency.Transports;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace LowLatency.Service.Sidecar;

/// <summary>What the sidecar takes from anybody: it must not cost the fast endpoints their CPU, whoever asks it.</summary>
internal static class SidecarLimits
{
    /// <summary>The policy of what is expensive to answer.</summary>
    internal const string Scrapes = "scrapes";

    internal const int MaxConnections = 128;

    /// <summary>One address leaves places to the others: to whoever checks the health, and to the Prometheus.</summary>
    internal const int MaxConnectionsPerAddress = 64;

    internal const int MaxRequestBytes = 1024;

    /// <summary>Scrapes a second in the long run; a Prometheus does one in fifteen.</summary>
    internal const int ScrapesPerSecond = 100;

    /// <summary>Requests a second of any kind, also for what is not there.</summary>
    internal const int RequestsPerSecond = 1000;

    // Who comes too fast waits, as a scraper asks again only when it was answered; who waits in too great a number is refused.
    private const int MaxWaiting = MaxConnections;

    private static readonly TimeSpan Refill = TimeSpan.FromMilliseconds(100);

    internal static void Apply(KestrelServerLimits limits)
    {
        limits.MaxRequestBodySize = MaxRequestBytes;
        limits.MaxRequestLineSize = 2 * 1024;
        limits.MaxRequestHeadersTotalSize = 8 * 1024;
        limits.MaxRequestHeaderCount = 50;
        limits.RequestHeadersTimeout = TimeSpan.FromSeconds(5);
        limits.KeepAliveTimeout = TimeSpan.FromSeconds(60);
        limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 100, gracePeriod: TimeSpan.FromSeconds(5));
        limits.MinResponseDataRate = new MinDataRate(bytesPerSecond: 1000, gracePeriod: TimeSpan.FromSeconds(5));
    }

    /// <summary>A limit of its own: the fast endpoints' is not the sidecar's.</summary>
    internal static ConnectionLimit Connections() => new(MaxConnections, MaxConnectionsPerAddress);

    internal static IServiceCollection AddSidecarLimits(this IServiceCollection services) => services.AddRateLimiter(limiter =>
    {
        limiter.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
        limiter.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(
            static _ => RateLimitPartition.GetTokenBucketLimiter("everybody", static _ => Bucket(RequestsPerSecond)));
        limiter.AddPolicy(Scrapes, static _ => RateLimitPartition.GetTokenBucketLimiter(Scrapes, static _ => Bucket(ScrapesPerSecond)));
    });

    private static TokenBucketRateLimiterOptions Bucket(int perSecond) => new()
    {
        TokenLimit = perSecond,
        TokensPerPeriod = perSecond / 10,
        ReplenishmentPeriod = Refill,
        QueueLimit = MaxWaiting,
        QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
    };
}
