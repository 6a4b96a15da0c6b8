using System.Net;
using LowLatency.Service.Configuration;
using Microsoft.Extensions.Configuration;
using Xunit;

namespace LowLatency.Service.Tests.Configuration;

/// <summary>Who may connect to an endpoint, as it is configured.</summary>
public sealed class PeerOptionsTests
{
    [Fact]
    public void Networks_and_single_addresses_may_be_listed_for_tcp()
    {
        (ServiceOptions options, IReadOnlyList<string> problems) = Read(
            ("Url", "tcp://*:80"), ("AllowNetworks:0", "10.0.0.0/8"), ("AllowNetworks:1", "2001:db8::/32"), ("AllowNetworks:2", "192.0.2.7"));

        Assert.Empty(problems);
        Assert.Equal(
            [IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("2001:db8::/32"), IPNetwork.Parse("192.0.2.7/32")],
            Assert.Single(options.Endpoints).Peers.Networks);
    }

    [Theory]
    [InlineData("tcp://*:80", "AllowNetworks", "10.0.0.0/8", "10.1.2.3")]
    [InlineData("unix:///tmp/a", "AllowUsers", "0", "1")]
    [InlineData("unix:///tmp/a", "AllowGroups", "0", "1")]
    public void A_list_of_one_source_and_a_value_of_another_do_not_add_up(string url, string key, string inFile, string onCommandLine)
    {
        (_, IReadOnlyList<string> problems) = Read(("Url", url), ($"{key}:0", inFile), (key, onCommandLine));
        Assert.EndsWith($"{key}:0); set it in one way", Assert.Single(problems), StringComparison.Ordinal);
        Assert.Contains($"{key}: set both as the value '{onCommandLine}' and entry by entry", problems[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("::ffff:127.0.0.0/104", "127.0.0.0/8")]
    [InlineData("::ffff:0:0/96", "0.0.0.0/0")]
    [InlineData("::ffff:192.0.2.7", "192.0.2.7/32")]
    [InlineData("2001:DB8::/32", "2001:db8::/32")]
    [InlineData("::/0", "::/0")]
    public void IPv4_inside_IPv6_is_the_IPv4_network_that_it_means(string text, string network)
    {
        (ServiceOptions options, IReadOnlyList<string> problems) = Read(("Url", "tcp://*:80"), ("AllowNetworks", text));
        Assert.Empty(problems);
        Assert.Equal([IPNetwork.Parse(network)], Assert.Single(options.Endpoints).Peers.Networks);
    }

    [Theory]
    [InlineData("10.0.0.0/33")]
    [InlineData("10.0.0.0/-1")]
    [InlineData("10.0.0.0/")]
    [InlineData("10.0.0.0/8/8")]
    [InlineData("10.0.0.1/8")]
    [InlineData("2001:db8::1/32")]
    [InlineData("0177.0.0.0/8")]
    [InlineData("010.0.0.0/8")]
    [InlineData("0x7f.0.0.0/8")]
    [InlineData("10/8")]
    [InlineData("1")]
    [InlineData("::ffff:0:0/95")]
    [InlineData("::ffff:127.0.0.1/104")]
    [InlineData("::ffff:0177.0.0.0/104")]
    [InlineData("[::1]:80")]
    [InlineData("fe80::%1/10")]
    [InlineData("everybody")]
    public void What_is_no_network_is_refused(string network)
        => Assert.Equal(
            [$"LowLatency:Endpoints:A:AllowNetworks: '{network}' is not allowed; allowed: networks such as 10.0.0.0/8 and 2001:db8::/32, with nothing set behind the prefix, or single addresses"],
            Read(("Url", "tcp://*:80"), ("AllowNetworks", network)).Problems);

    [Theory]
    [InlineData("AllowUsers")]
    [InlineData("AllowGroups")]
    public void Accounts_are_refused_where_nobody_can_tell_them(string key)
    {
        Assert.Equal(
            [$"LowLatency:Endpoints:A:{key}: only for Unix sockets and shared memory; leave it out, or set Url to unix:///absolute/path instead of 'tcp://127.0.0.1:80'"],
            Read(("Url", "tcp://127.0.0.1:80"), (key, "0")).Problems);
        Assert.Equal(
            [$"LowLatency:Endpoints:A:{key}: not with the transport 'Sockets', which lets in the service's own user only; allowed: BusyPoll"],
            Read(("Url", "unix:///tmp/a.sock"), ("Transport", "Sockets"), (key, "0")).Problems);
    }

    [Theory]
    [InlineData("unix:///tmp/a.sock")]
    [InlineData("shm:///tmp/a.sock")]
    public void Networks_are_refused_where_there_are_none(string url)
        => Assert.Equal(
            [$"LowLatency:Endpoints:A:AllowNetworks: only for TCP; leave it out, or set Url to tcp://ADDRESS:PORT instead of '{url}'"],
            Read(("Url", url), ("AllowNetworks", "10.0.0.0/8")).Problems);

    private static (ServiceOptions Options, IReadOnlyList<string> Problems) Read(params (string Key, string Value)[] settings)
    {
        var problems = new ConfigurationProblems();
        IConfiguration configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(settings.ToDictionary(setting => $"LowLatency:Endpoints:A:{setting.Key}", setting => (string?)setting.Value))
            .Build();
        return (ServiceOptionsReader.Read(configuration, problems), problems.Lines);
    }
}
