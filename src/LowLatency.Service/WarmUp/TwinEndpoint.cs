using System.Net;

namespace LowLatency.Service.WarmUp;

/// <summary>A private endpoint of a kind that is configured.</summary>
/// <param name="Address">Where it listens.</param>
/// <param name="Framing">What it takes for a message.</param>
/// <param name="IsEncrypted">Whether it speaks TLS.</param>
internal sealed record TwinEndpoint(EndPoint Address, Framing Framing, bool IsEncrypted);
