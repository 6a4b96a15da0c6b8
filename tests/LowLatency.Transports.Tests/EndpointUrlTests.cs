using System.Net;
using System.Net.Sockets;
using LowLatency.Transports.Tls;
using Xunit;

namespace LowLatency.Transports.Tests;

/// <summary>Endpoint URLs, as people write and miswrite them.</summary>
public sealed class EndpointUrlTests
{
    private const string Allowed = "allowed: tcp://ADDRESS:PORT (ADDRESS: IPv4, [IPv6], localhost or *) or unix:///absolute/path or shm:///absolute/path, and for clients tls://ADDRESS:PORT";

    [Theory]
    [InlineData("tcp://127.0.0.1:8080", "127.0.0.1:8080")]
    [InlineData("tcp://0.0.0.0:0", "0.0.0.0:0")]
    [InlineData("tcp://255.255.255.255:65535", "255.255.255.255:65535")]
    [InlineData("tcp://localhost:80", "127.0.0.1:80")]
    [InlineData("tcp://[::1]:8080", "[::1]:8080")]
    [InlineData("tcp://[::]:1", "[::]:1")]
    [InlineData("tcp://[fe80::1%2]:1", "[fe80::1%2]:1")]
    [InlineData("tls://127.0.0.1:8443", "127.0.0.1:8443")]
    [InlineData("tls://[::1]:8443", "[::1]:8443")]
    [InlineData("unix:///tmp/a.sock", "/tmp/a.sock")]
    [InlineData("unix:///a b/ñ", "/a b/ñ")]
    public void A_good_URL_names_an_address(string text, string address)
    {
        Assert.True(EndpointUrl.TryParse(text, out EndpointUrl? url, out string? error), error);
        Assert.Equal(address, url.EndPoint.ToString());
        Assert.Equal(text[..text.IndexOf(':')], url.Scheme);
        Assert.Equal((text, text), (url.Text, url.ToString()));
    }

    [Theory]
    [InlineData("tls://127.0.0.1:1", "127.0.0.1")]
    [InlineData("tls://localhost:1", "localhost")]
    [InlineData("tls://[::1]:1", "::1")]
    [InlineData("tls://[fe80::1%2]:1", "fe80::1")]
    public void A_target_of_TLS_is_for_whom_the_URL_names_and_never_an_address_that_clear_text_would_go_to(string text, string host)
    {
        Assert.True(EndpointUrl.TryParse(text, out EndpointUrl? url, out string? error), error);
        Assert.Equal(host, Assert.IsType<TlsEndPoint>(url.EndPoint).Host);
    }

    [Fact]
    public void A_star_is_every_address_of_the_machine()
    {
        Assert.True(EndpointUrl.TryParse("tcp://*:80", out EndpointUrl? url, out _));
        Assert.Equal(new IPEndPoint(Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any, 80), url.EndPoint);
    }

    [Theory]
    [InlineData(null, "'' is not an endpoint URL")]
    [InlineData("", "'' is not an endpoint URL")]
    [InlineData("127.0.0.1:8080", "'127.0.0.1:8080' is not an endpoint URL")]
    [InlineData("tcp:127.0.0.1:8080", "'tcp:127.0.0.1:8080' is not an endpoint URL")]
    [InlineData("http://127.0.0.1:80", "'http://127.0.0.1:80': 'http://' is not a scheme of this version")]
    [InlineData("tcp://127.0.0.1", "'tcp://127.0.0.1': a port from 0 to 65535 is missing")]
    [InlineData("tcp://127.0.0.1:", "'tcp://127.0.0.1:': a port from 0 to 65535 is missing")]
    [InlineData("tcp://127.0.0.1:-1", "'tcp://127.0.0.1:-1': a port from 0 to 65535 is missing")]
    [InlineData("tcp://127.0.0.1:+1", "'tcp://127.0.0.1:+1': a port from 0 to 65535 is missing")]
    [InlineData("tcp://127.0.0.1:65536", "'tcp://127.0.0.1:65536': a port from 0 to 65535 is missing")]
    [InlineData("tcp://127.0.0.1:80/", "'tcp://127.0.0.1:80/': a port from 0 to 65535 is missing")]
    [InlineData("tcp://:80", "'tcp://:80': '' is not an IP address")]
    [InlineData("tcp://example.org:80", "'tcp://example.org:80': 'example.org' is not an IP address")]
    [InlineData("tcp://1:80", "'tcp://1:80': '1' is not an IP address")]
    [InlineData("tcp://::1:80", "'tcp://::1:80': '::1' is not an IP address")]
    [InlineData("tcp://[127.0.0.1]:80", "'tcp://[127.0.0.1]:80': '[127.0.0.1]' is not an IP address")]
    [InlineData("tcp://010.0.0.1:80", "'tcp://010.0.0.1:80': '010.0.0.1' is not an IP address")]
    [InlineData("tcp://0x7f.0.0.1:80", "'tcp://0x7f.0.0.1:80': '0x7f.0.0.1' is not an IP address")]
    [InlineData("tcp://[[::1]:80]:90", "'tcp://[[::1]:80]:90': '[[::1]:80]' is not an IP address")]
    [InlineData("tls://*:80", "'tls://*:80': '*' is no address to connect to")]
    [InlineData("tls://example.org:80", "'tls://example.org:80': 'example.org' is not an IP address")]
    [InlineData("unix:///tmp/a\0b", "'unix:///tmp/a?b' holds control characters")]
    [InlineData("tcp://1\n:80", "'tcp://1?:80' holds control characters")]
    [InlineData("unix://a.sock", "'unix://a.sock': the path is not absolute or names no file")]
    [InlineData("unix:///", "'unix:///': the path is not absolute or names no file")]
    [InlineData("unix:///folder/", "'unix:///folder/': the path is not absolute or names no file")]
    public void A_bad_URL_is_refused_with_what_is_wrong_and_what_is_allowed(string? text, string problem)
    {
        Assert.False(EndpointUrl.TryParse(text, out EndpointUrl? url, out string? error));
        Assert.Null(url);
        Assert.Equal($"{problem}; {Allowed}", error);
    }

    [Fact]
    public void A_path_may_be_as_long_as_a_socket_address_and_no_longer()
    {
        string longest = "/" + new string('a', 106);
        Assert.True(EndpointUrl.TryParse($"unix://{longest}", out _, out _));
        Assert.False(EndpointUrl.TryParse($"unix://{longest}a", out _, out string? error));
        Assert.Contains("longer than the 107 bytes", error, StringComparison.Ordinal);

        // It counts bytes, not characters.
        Assert.False(EndpointUrl.TryParse($"unix://{longest[..106]}ñ", out _, out _));
    }
}
