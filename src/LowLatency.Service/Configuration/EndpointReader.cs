using LowLatency.Transports;
using LowLatency.Transports.SharedMemory;

namespace LowLatency.Service.Configuration;

/// <summary>Reads one entry of <c>LowLatency:Endpoints</c>, and refuses the keys that its kind of endpoint has no use for.</summary>
internal static class EndpointReader
{
    private const int SmallestRing = 4096;
    private const int LargestRing = 64 * 1024 * 1024;

    private static readonly string[] ForSharedMemory = ["RingBytes", "AllowUsers", "AllowGroups"];

    /// <returns>The endpoint; <c>null</c> when it is switched off, or wrong.</returns>
    internal static EndpointOptions? Read(string name, SectionReader section, Framing framing)
    {
        string text = section.Text("Url", "");
        TransportKind transport = section.Choice("Transport", TransportKind.BusyPoll);
        Framing own = section.Choice("Framing", framing);
        SharedMemoryOptions sharedMemory = SharedMemory(section);
        section.RefuseUnknownKeys();
        if (text.Length == 0)
        {
            return null;
        }

        if (!EndpointUrl.TryParse(text, out EndpointUrl? url, out string? error))
        {
            section.Report("Url", error);
            return null;
        }

        bool isSharedMemory = url.EndPoint is SharedMemoryEndPoint;
        foreach (string misplaced in (isSharedMemory ? ["Transport"] : ForSharedMemory).Where(section.IsSet))
        {
            section.Report(misplaced, isSharedMemory
                ? $"there is one transport for shared memory; leave it out where Url is '{url}'"
                : $"only for shared memory; leave it out, or set Url to shm:///absolute/path instead of '{url}'");
        }

        return new EndpointOptions(name, url, transport, own, isSharedMemory ? sharedMemory : null);
    }

    private static SharedMemoryOptions SharedMemory(SectionReader section) => new(
        RingBytes(section),
        Accounts(section, "AllowUsers", LocalAccounts.Users),
        Accounts(section, "AllowGroups", LocalAccounts.Groups));

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
