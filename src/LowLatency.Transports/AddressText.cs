using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;

namespace LowLatency.Transports;

/// <summary>IP addresses as users write them, IPv4 in its one usual form.</summary>
internal static class AddressText
{
    /// <summary>Reads an address without port and brackets.</summary>
    /// <remarks>010.0.0.1 would be 8.0.0.1, and 10 would be 0.0.0.10, which nobody means.</remarks>
    internal static bool TryParse(string text, [NotNullWhen(true)] out IPAddress? address)
        => IPAddress.TryParse(text, out address)
            && !text.Contains('[', StringComparison.Ordinal)
            && (address.AddressFamily == AddressFamily.InterNetworkV6 || address.ToString() == text);
}
