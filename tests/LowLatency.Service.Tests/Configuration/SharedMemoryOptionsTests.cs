using LowLatency.Service.Configuration;
using Microsoft.Extensions.Configuration;
using Xunit;

namespace LowLatency.Service.Tests.Configuration;

/// <summary>What an endpoint in shared memory has of its own, and what it has not.</summary>
public sealed class SharedMemoryOptionsTests
{
    private const string Url = "shm:///tmp/a.sock";

    [Fact]
    public void Users_and_groups_are_named_or_numbered()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Names stand in /etc/passwd.");

        (ServiceOptions options, IReadOnlyList<string> problems) = Read(
            ("Url", Url), ("RingBytes", "8192"), ("AllowUsers:0", "root"), ("AllowUsers:1", "4242"), ("AllowGroups", "root, 17"));

        Assert.Empty(problems);
        EndpointOptions shm = Assert.Single(options.Endpoints);
        Assert.Equal(8192, shm.SharedMemory!.RingBytes);
        Assert.Equal([0u, 4242u], shm.Peers.Users);
        Assert.Equal([0u, 17u], shm.Peers.Groups);
    }

    [Fact]
    public void Without_any_of_them_there_are_the_defaults_of_the_transport()
    {
        (ServiceOptions options, _) = Read(("Url", Url));
        EndpointOptions shm = Assert.Single(options.Endpoints);
        Assert.Null(shm.SharedMemory!.RingBytes);
        Assert.Empty(shm.Peers.Users);
        Assert.Empty(shm.Peers.Groups);
    }

    [Theory]
    [InlineData("BusyPoll")]
    [InlineData("Sockets")]
    public void A_transport_is_refused(string transport)
        => Assert.Equal(
            [$"LowLatency:Endpoints:A:Transport: there is one transport for shared memory; leave it out where Url is '{Url}'"],
            Read(("Url", Url), ("Transport", transport)).Problems);

    [Fact]
    public void Its_keys_are_refused_elsewhere()
        => Assert.Equal(
            ["LowLatency:Endpoints:A:RingBytes: only for shared memory; leave it out, or set Url to shm:///absolute/path instead of 'tcp://127.0.0.1:80'"],
            Read(("Url", "tcp://127.0.0.1:80"), ("RingBytes", "4096")).Problems);

    private static (ServiceOptions Options, IReadOnlyList<string> Problems) Read(params (string Key, string Value)[] settings)
    {
        var problems = new ConfigurationProblems();
        IConfiguration configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(settings.ToDictionary(setting => $"LowLatency:Endpoints:A:{setting.Key}", setting => (string?)setting.Value))
            .Build();
        return (ServiceOptionsReader.Read(configuration, problems), problems.Lines);
    }
}
