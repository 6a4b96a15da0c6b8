namespace LowLatency.Service.Tls;

/// <summary>What TLS logs: never a key, never a peer's fault above Debug.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Debug, "{Key}: a handshake failed: {Reason}")]
    internal static partial void HandshakeFailed(ILogger logger, string key, string reason);

    [LoggerMessage(2, LogLevel.Information, "{Certificate} was replaced: the next handshake has the new one")]
    internal static partial void CertificateReplaced(ILogger logger, string certificate);

    [LoggerMessage(3, LogLevel.Warning, "{Key}: the certificate was replaced by one that cannot be used, and the one from before stays: {Reason}")]
    internal static partial void CertificateUnusable(ILogger logger, string key, string reason);
}
