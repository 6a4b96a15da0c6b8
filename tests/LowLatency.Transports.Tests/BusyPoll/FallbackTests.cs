using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using LowLatency.Transports.BusyPoll;
using LowLatency.Transports.BusyPoll.Internal;
using LowLatency.Transports.Tests.Hosting;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Xunit;

namespace LowLatency.Transports.Tests.BusyPoll;

/// <summary>Where nothing can be polled Kestrel's own transport listens, and lets in nobody whom the polled one would keep out.</summary>
public sealed class FallbackTests
{
    private const int Timeout = Hanging.After;

    private static IPEndPoint Loopback => new(IPAddress.Loopback, 0);

    [Fact(Timeout = Timeout)]
    public async Task It_serves_an_endpoint_that_asks_to_be_polled()
    {
        await using TestServer server = await TestServer.StartAsync(new Fallback(() => new BusyPollEndPoint(Loopback)), Handlers.EchoAsync);
        using Peer peer = await server.ConnectAsync();
        await peer.SendAsync("abc");

        Assert.Equal("abc", await peer.ReceiveTextAsync(3));
    }

    [Theory(Timeout = Timeout)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task One_over_the_limit_is_closed_until_a_slot_is_free(bool typed)
    {
        var limit = new ConnectionLimit(1);
        await using TestServer server = await TestServer.StartAsync(new Fallback(() => typed ? new BusyPollEndPoint(Loopback) : Loopback), Handlers.EchoAsync, limit);
        using (Peer first = await server.ConnectAsync())
        {
            await first.SendAsync("abc");
            Assert.Equal("abc", await first.ReceiveTextAsync(3));
            await IsClosedAsync(server);
        }

        await Eventually.IsTrue(() => limit.Count == 0, () => "The slot is still taken.");
        using Peer third = await server.ConnectAsync();
        await third.SendAsync("abc");
        Assert.Equal("abc", await third.ReceiveTextAsync(3));
    }

    [Fact(Timeout = Timeout)]
    public async Task An_address_that_is_not_listed_is_closed_and_told_of()
    {
        int refused = 0;
        await using TestServer server = await TestServer.StartAsync(
            new Fallback(() => new BusyPollEndPoint(Loopback) { AllowNetworks = [IPNetwork.Parse("192.0.2.0/24")], Refused = () => Interlocked.Increment(ref refused) }),
            Handlers.EchoAsync);
        await IsClosedAsync(server);

        Assert.Equal(1, Volatile.Read(ref refused));
    }

    [Fact(Timeout = Timeout)]
    [UnsupportedOSPlatform("windows")]
    public async Task The_socket_of_a_path_is_its_owners_only()
    {
        UnixDomainSocketEndPoint address = BusyPollTransport.NewUnixAddress();
        await using TestServer server = await TestServer.StartAsync(new Fallback(() => new BusyPollEndPoint(address)), Handlers.EchoAsync);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(address.ToString()));
    }

    [Fact]
    public async Task Users_that_nobody_could_ask_for_are_a_reason_not_to_listen()
    {
        var place = new BusyPollEndPoint(BusyPollTransport.NewUnixAddress()) { AllowUsers = [1] };

        BindException refused = await Assert.ThrowsAsync<BindException>(async () => await Factory(new BusyPollTransportOptions()).BindAsync(place, TestContext.Current.CancellationToken));

        Assert.Contains("AllowUsers", refused.Message, StringComparison.Ordinal);
        Assert.Same(place, refused.EndPoint);
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public void Plain_addresses_are_left_to_others_where_the_options_say_so(bool onlyTyped, bool takesPlain)
    {
        FallbackTransportFactory factory = Factory(new BusyPollTransportOptions { OnlyBusyPollEndPoints = onlyTyped });

        Assert.True(factory.CanBind(new BusyPollEndPoint(Loopback)));
        Assert.Equal(takesPlain, factory.CanBind(Loopback));
    }

    [Fact(Timeout = Timeout)]
    public async Task A_plain_address_that_is_in_use_is_told_of_in_Kestrels_words_and_a_typed_one_in_ours()
    {
        using var other = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        other.Bind(Loopback);
        other.Listen();
        FallbackTransportFactory factory = Factory(new BusyPollTransportOptions());
        EndPoint taken = other.LocalEndPoint!;

        await Assert.ThrowsAsync<AddressInUseException>(async () => await factory.BindAsync(taken, TestContext.Current.CancellationToken));
        await Assert.ThrowsAsync<BindException>(async () => await factory.BindAsync(new BusyPollEndPoint(taken), TestContext.Current.CancellationToken));
    }

    private static async Task IsClosedAsync(TestServer server)
    {
        try
        {
            using Peer peer = await server.ConnectAsync();
            await peer.SeesTheEndAsync();
        }
        catch (SocketException reset) when (reset.SocketErrorCode == SocketError.ConnectionReset)
        {
            // So soon that the connect met it.
        }
    }

    private static FallbackTransportFactory Factory(BusyPollTransportOptions options) => new(Options.Create(options), NullLoggerFactory.Instance);

    // As UseBusyPoll does elsewhere than on Linux.
    private sealed class Fallback(Func<EndPoint> place) : TestTransport
    {
        internal override void Use(IWebHostBuilder builder)
            => builder.ConfigureServices(services => services.AddSingleton<IConnectionListenerFactory, FallbackTransportFactory>());

        internal override EndPoint NewEndPoint() => place();
    }
}
