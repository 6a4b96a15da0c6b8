using System.Net;
using System.Net.Sockets;
using LowLatency.Fuzz.Driver;
using LowLatency.Transports;
using LowLatency.Transports.SharedMemory;
using LowLatency.Transports.Tls;

namespace LowLatency.Fuzz.Targets.Texts;

/// <summary>Any text: an endpoint whose own words lead back to it, or one line that says what is wrong.</summary>
internal sealed class EndpointUrlTarget() : FuzzTarget(
    "endpoint-url", "tcp://", "unix://", "shm://", "tls://", "udp://", "127.0.0.1", "[::1]", "[", "]", ":", "8080", "65536", "*", "localhost", "/tmp/", "../", "%25", "0x7f", "::ffff:1.2.3.4", "%lo")
{
    public override void Run(FuzzInput input)
    {
        string text = input.Text(int.MaxValue);
        if (!EndpointUrl.TryParse(text, out EndpointUrl? url, out string? error))
        {
            OneLine.Require(error);
            return;
        }

        Require(url.Text == text && text.StartsWith(url.Scheme + "://", StringComparison.Ordinal), "A URL keeps its text.");
        OneLine.Require(url.Text);
        switch (url.EndPoint is TlsEndPoint encrypted ? encrypted.Address : url.EndPoint)
        {
            case IPEndPoint address:
                string plain = address.AddressFamily == AddressFamily.InterNetworkV6 ? $"tcp://[{address.Address}]:{address.Port}" : $"tcp://{address}";
                Require(EndpointUrl.TryParse(plain, out EndpointUrl? again, out _) && address.Equals(again.EndPoint), $"An address in plain words, {plain}, is the same address.");
                Require(!text.Contains('.', StringComparison.Ordinal) || text.Contains(':', StringComparison.Ordinal) && text.Contains(address.Address.ToString(), StringComparison.OrdinalIgnoreCase) || address.AddressFamily == AddressFamily.InterNetworkV6, $"An IPv4 address is written in one way only: {address.Address}.");
                break;
            case UnixDomainSocketEndPoint path:
                Require(path.ToString() == text["unix://".Length..], "A path is used as it is written.");
                break;
            case SharedMemoryEndPoint memory:
                Require(memory.ToString()!.Contains(text["shm://".Length..], StringComparison.Ordinal), "A path is used as it is written.");
                break;
            default:
                throw new FuzzException("An endpoint of no kind.");
        }
    }
}
