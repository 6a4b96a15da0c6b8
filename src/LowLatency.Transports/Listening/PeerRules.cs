using System.Net;
using LowLatency.Linux;

namespace LowLatency.Transports.Listening;

/// <summary>Who may connect, by address or, on a Unix socket, by user.</summary>
internal static class PeerRules
{
    /// <summary>Whether an address is in one of the networks; where there is none, every address is welcome.</summary>
    internal static bool AllowsAddress(EndPoint? remote, IReadOnlyList<IPNetwork> networks)
    {
        if (networks.Count == 0 || remote is not IPEndPoint ip)
        {
            return true;
        }

        // A socket for both families sees IPv4 inside IPv6.
        IPAddress address = ip.Address.IsIPv4MappedToIPv6 ? ip.Address.MapToIPv4() : ip.Address;
        foreach (IPNetwork network in networks)
        {
            if (network.Contains(address))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether the peer of a Unix socket is the own user, or is listed, by the kernel's word.</summary>
    internal static bool AllowsUser(StreamSocket socket, IReadOnlyList<uint> users, IReadOnlyList<uint> groups)
        => PeerCredentials.TryGet(socket, out PeerCredentials peer) == Errno.None
            && (peer.User == PeerCredentials.OfThisProcess.User
                || users.Contains(peer.User)
                || groups.Contains(peer.Group)
                || (groups.Count > 0
                    && PeerCredentials.TryGetGroups(socket, out IReadOnlyList<uint> memberOf) == Errno.None
                    && memberOf.Intersect(groups).Any()));
}
