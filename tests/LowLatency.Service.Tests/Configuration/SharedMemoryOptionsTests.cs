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
        SharedMemoryOptions shm = Assert.Single(options.Endpoints).SharedMemory!;
        Assert.Equal(8192, shm.RingBytes);
        Assert.Equal([0u, 4242u], shm.AllowUsers);
        Assert.Equal([0u, 17u], shm.AllowGroups);
    }

    [Fact]
    public void Without_any_of_them_there_are_the_defaults_of_the_transport()
    {
        (ServiceOptions options, _) = Read(("Url", Url));
        SharedMemoryOptions shm = Assert.Single(options.Endpoints).SharedMemory!;
        Assert.Null(shm.RingBytes);
        Assert.Empty(shm.AllowUsers);
        Assert.Empty(shm.AllowGroups);
    }

    [Theory]
    [InlineData("BusyPoll")]
    [InlineData("Sockets")]
    public void A_transport_is_refused(string transport)
        => Assert.Equal(
            [$"LowLatency:Endpoints:A:Transport: there is one transport for shared memory; leave it out where Url is '{Url}'"],
            Read(("Url", Url), ("Transport", transport)).Problems);

    [Theory]
    [InlineData("RingBytes", "4096")]
    [InlineData("AllowUsers", "0")]
    [InlineData("AllowGroups:0", "0")]
    public void Its_keys_are_refused_elsewhere(string key, string value)
        => Assert.Equal(
            [$"LowLatency:Endpoints:A:{key.Split(':')[0]}: only for shared memory; leave it out, or set Url to shm:///absolute/path instead of 'tcp://127.0.0.1:80'"],
            Read(("Url", "tcp://127.0.0.1:80"), (key, value)).Problems);

    private static (ServiceOptions Options, IReadOnlyList<string> Problems) Read(params (string Key, string Value)[] settings)
    {
        var problems = new ConfigurationProblems();
        IConfiguration configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(settings.ToDictionary(setting => $"LowLatency:Endpoints:A:{setting.Key}", setting => (string?)setting.Value))
            .Build();
        return (ServiceOptionsReader.Read(configuration, problems), problems.Lines);
    }
}
