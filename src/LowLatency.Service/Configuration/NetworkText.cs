using System.Globalization;
using System.Net;
using System.Net.Sockets;
using LowLatency.Transports;

namespace LowLatency.Service.Configuration;

/// <summary>Networks as users write them: <c>10.0.0.0/8</c>, <c>2001:db8::/32</c>, or an address alone.</summary>
/// <remarks>
/// A network holds addresses of its own family: <c>::/0</c> is every IPv6 address and no IPv4 one. IPv4 inside IPv6,
/// <c>::ffff:10.0.0.0/104</c>, is read as the IPv4 network that it means, for so are the addresses of clients.
/// </remarks>
internal static class NetworkText
{
    internal const string Allowed = "networks such as 10.0.0.0/8 and 2001:db8::/32, with nothing set behind the prefix, or single addresses";

    private const int BitsBeforeMapped = 96;

    internal static IPNetwork? TryParse(string text)
    {
        string[] parts = text.Split('/', 2);

        // The zone of a link-local address says through which interface, not who.
        if (parts[0].Contains('%', StringComparison.Ordinal) || !AddressText.TryParse(parts[0], out IPAddress? address))
        {
            return null;
        }

        int bits = address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;
        int prefix = bits;
        if (parts.Length > 1 && (!int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out prefix) || prefix > bits))
        {
            return null;
        }

        if (address.IsIPv4MappedToIPv6)
        {
            if (prefix < BitsBeforeMapped)
            {
                return null;
            }

            (address, prefix) = (address.MapToIPv4(), prefix - BitsBeforeMapped);
        }

        // The framework clears what is set behind the prefix, and so takes 10.0.0.1/8 for more than was meant.
        var network = new IPNetwork(address, prefix);
        return network.BaseAddress.Equals(address) ? network : null;
    }
}
