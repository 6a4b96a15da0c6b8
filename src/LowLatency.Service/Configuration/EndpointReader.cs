using System.Net;
using LowLatency.Transports;
using LowLatency.Transports.SharedMemory;
using LowLatency.Transports.Tls;

namespace LowLatency.Service.Configuration;

/// <summary>Reads one entry of <c>LowLatency:Endpoints</c>, and refuses the keys that its kind of endpoint has no use for.</summary>
internal static class EndpointReader
{
    private const int SmallestRing = 4096;
    private const int LargestRing = 64 * 1024 * 1024;

    /// <returns>The endpoint; <c>null</c> when it is switched off, or wrong.</returns>
    internal static EndpointOptions? Read(string name, SectionReader section, Framing framing)
    {
        string text = section.Text("Url", "");
        TransportKind transport = section.Choice("Transport", TransportKind.BusyPoll);
        Framing own = section.Choice("Framing", framing);
        var sharedMemory = new SharedMemoryOptions(RingBytes(section));
        var peers = new PeerOptions(Networks(section), Accounts(section, "AllowUsers", LocalAccounts.Users), Accounts(section, "AllowGroups", LocalAccounts.Groups));
        SectionReader tlsSection = section.Section("Tls");
        TlsOptions? tls = section.IsPresent("Tls") ? TlsReader.Read(tlsSection, $"LowLatency:Endpoints:{name}:Tls") : null;
        section.RefuseUnknownKeys();

        // Most likely its name is misspelt, and the endpoint that its other keys are meant for goes without them.
        if (!section.IsPresent("Url") && section.Children.Any())
        {
            section.Report("Url", $"it is missing; set it to where {name} listens, or to \"\" for nowhere");
            return null;
        }

        if (text.Length == 0)
        {
            return null;
        }

        if (!EndpointUrl.TryParse(text, out EndpointUrl? url, out string? error))
        {
            section.Report("Url", error);
            return null;
        }

        if (url.EndPoint is TlsEndPoint)
        {
            section.Report("Url", $"'{url}' is a target for clients; allowed here: tcp://ADDRESS:PORT, with Tls:Certificate beside it");
            return null;
        }

        RefuseMisplaced(section, url, transport);
        return new EndpointOptions(name, url, transport, own, url.EndPoint is SharedMemoryEndPoint ? sharedMemory : null) { Peers = peers, Tls = tls };
    }

    private static void RefuseMisplaced(SectionReader section, EndpointUrl url, TransportKind transport)
    {
        bool isTcp = url.EndPoint is IPEndPoint;
        bool isSharedMemory = url.EndPoint is SharedMemoryEndPoint;
        Refuse(isSharedMemory, $"there is one transport for shared memory; leave it out where Url is '{url}'", "Transport");
        Refuse(!isSharedMemory, $"only for shared memory; leave it out, or set Url to shm:///absolute/path instead of '{url}'", "RingBytes");
        Refuse(isTcp, $"only for Unix sockets and shared memory; leave it out, or set Url to unix:///absolute/path instead of '{url}'", "AllowUsers", "AllowGroups");
        Refuse(!isTcp, $"only for TCP; leave it out, or set Url to tcp://ADDRESS:PORT instead of '{url}'", "AllowNetworks", "Tls");
        Refuse(!isTcp && !isSharedMemory && transport == TransportKind.Sockets, "not with the transport 'Sockets', which lets in the service's own user only; allowed: BusyPoll", "AllowUsers", "AllowGroups");

        void Refuse(bool isMisplaced, string problem, params string[] keys)
        {
            foreach (string key in keys.Where(key => isMisplaced && section.IsSet(key)))
            {
                section.Report(key, problem);
            }
        }
    }

    private static List<IPNetwork> Networks(SectionReader section)
    {
        var networks = new List<IPNetwork>();
        foreach (string text in section.Texts("AllowNetworks"))
        {
            if (NetworkText.TryParse(text) is IPNetwork network)
            {
                networks.Add(network);
            }
            else
            {
                section.Refuse("AllowNetworks", text, NetworkText.Allowed, 0);
            }
        }

        return networks;
    }

    private static int? RingBytes(SectionReader section)
    {
        int least = Math.Max(SmallestRing, Environment.SystemPageSize);
        int? bytes = section.OptionalNumber("RingBytes", least, LargestRing);
        return bytes is not int size || int.IsPow2(size)
            ? bytes
            : section.Refuse<int?>("RingBytes", FormattableString.Invariant($"{size}"), FormattableString.Invariant($"a power of two from {least} to {LargestRing}"), null);
    }

    private static List<uint> Accounts(SectionReader section, string name, LocalAccounts accounts)
    {
        var ids = new List<uint>();
        foreach (string text in section.Texts(name))
        {
            if (accounts.Find(text) is uint id)
            {
                ids.Add(id);
            }
            else
            {
                section.Refuse(name, text, $"names in {accounts.File}, or numbers", 0);
            }
        }

        return ids;
    }
}
