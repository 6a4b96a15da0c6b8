using System.Net;
using System.Net.Sockets;
using Xunit;

namespace LowLatency.Transports.Tests;

/// <summary>Slots are taken, refused and given back.</summary>
public sealed class ConnectionLimitTests
{
    private static readonly IPEndPoint One = IPEndPoint.Parse("192.0.2.1:1");
    private static readonly IPEndPoint OneFromAnotherPort = IPEndPoint.Parse("192.0.2.1:2");
    private static readonly IPEndPoint Two = IPEndPoint.Parse("192.0.2.2:1");
    private static readonly UnixDomainSocketEndPoint Unix = new("/tmp/a.sock");

    private int _refusals;

    [Fact]
    public void The_connection_over_the_limit_is_refused_until_a_slot_is_free()
    {
        ConnectionLimit limit = Limit(2);
        Assert.True(limit.TryEnter(One));
        Assert.True(limit.TryEnter(Unix));
        Assert.False(limit.TryEnter(Two));
        Assert.Equal(1, _refusals);
        limit.Leave(One);
        Assert.True(limit.TryEnter(Two));
        Assert.False(limit.TryEnter(One));
        Assert.Equal(2, _refusals);
    }

    [Fact]
    public void One_address_cannot_take_every_slot()
    {
        ConnectionLimit limit = Limit(10, perAddress: 1);
        Assert.True(limit.TryEnter(One));
        Assert.False(limit.TryEnter(OneFromAnotherPort));
        Assert.True(limit.TryEnter(Two));
        limit.Leave(One);
        Assert.True(limit.TryEnter(OneFromAnotherPort));
        Assert.Equal(1, _refusals);
    }

    [Theory]
    [InlineData("127.0.0.1", "::ffff:127.0.0.1")]
    [InlineData("::ffff:127.0.0.1", "127.0.0.1")]
    [InlineData("2001:db8:0:1::1", "2001:db8:0:1:ffff::2")]
    public void An_address_in_its_other_form_is_the_same_and_so_is_another_one_of_its_subnet(string one, string other)
    {
        ConnectionLimit limit = Limit(10, perAddress: 1);
        var first = new IPEndPoint(IPAddress.Parse(one), 1);
        var second = new IPEndPoint(IPAddress.Parse(other), 2);
        Assert.True(limit.TryEnter(first));
        Assert.False(limit.TryEnter(second));
        limit.Leave(first);
        Assert.True(limit.TryEnter(second));
    }

    [Theory]
    [InlineData("2001:db8:0:1::1", "2001:db8:0:2::1")]
    [InlineData("fe80::1%1", "fe80::2%1")]
    [InlineData("::ffff:192.0.2.1", "::ffff:192.0.2.2")]
    [InlineData("::1", "127.0.0.1")]
    public void Addresses_of_different_hosts_count_one_by_one(string one, string other)
    {
        ConnectionLimit limit = Limit(10, perAddress: 1);
        Assert.True(limit.TryEnter(new IPEndPoint(IPAddress.Parse(one), 1)));
        Assert.True(limit.TryEnter(new IPEndPoint(IPAddress.Parse(other), 1)));
    }

    [Fact]
    public void Connections_without_an_address_have_the_common_limit_only()
    {
        ConnectionLimit limit = Limit(3, perAddress: 1);
        Assert.True(limit.TryEnter(Unix));
        Assert.True(limit.TryEnter(Unix));
        Assert.True(limit.TryEnter(null));
        Assert.False(limit.TryEnter(Unix));
    }

    [Fact]
    public void A_refusal_takes_no_slot()
    {
        ConnectionLimit limit = Limit(2, perAddress: 1);
        Assert.True(limit.TryEnter(One));
        for (int attempt = 0; attempt < 10; attempt++)
        {
            Assert.False(limit.TryEnter(One));
        }

        Assert.True(limit.TryEnter(Two));
    }

    [Fact]
    public async Task Threads_that_compete_never_exceed_the_limit()
    {
        ConnectionLimit limit = Limit(3, perAddress: 3);
        int inside = 0;
        int most = 0;
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            for (int attempt = 0; attempt < 10_000; attempt++)
            {
                if (limit.TryEnter(One))
                {
                    int now = Interlocked.Increment(ref inside);
                    InterlockedMax(ref most, now);
                    Interlocked.Decrement(ref inside);
                    limit.Leave(One);
                }
            }
        })));

        Assert.InRange(most, 1, 3);
        Assert.True(limit.TryEnter(One) && limit.TryEnter(One) && limit.TryEnter(One), "Every slot is free again.");
        Assert.False(limit.TryEnter(One));
    }

    [Theory]
    [InlineData(0, null)]
    [InlineData(1, 0)]
    public void A_limit_below_one_is_a_mistake(int maximum, int? perAddress)
        => Assert.Throws<ArgumentOutOfRangeException>(() => Limit(maximum, perAddress));

    private ConnectionLimit Limit(int maximum, int? perAddress = null)
        => new(maximum, perAddress, refused: () => Interlocked.Increment(ref _refusals));

    private static void InterlockedMax(ref int target, int value)
    {
        int seen = Volatile.Read(ref target);
        while (value > seen)
        {
            int was = Interlocked.CompareExchange(ref target, value, seen);
            if (was == seen)
            {
                return;
            }

            seen = was;
        }
    }
}
