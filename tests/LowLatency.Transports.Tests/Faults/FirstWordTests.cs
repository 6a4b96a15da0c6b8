using System.Net.Sockets;
using LowLatency.Linux;
using LowLatency.Transports.Tests.Hosting;
using Xunit;

namespace LowLatency.Transports.Tests.Faults;

/// <summary>A connection that says nothing at first is not given to the server before it speaks, ends, fails, or has been silent for a moment.</summary>
public sealed class FirstWordTests : IDisposable
{
    private readonly SocketConnectionPair _pair = new(AddressFamily.InterNetwork);
    private readonly List<Errno> _said = [];

    public FirstWordTests() => _pair.Loop.RunHere(() => _pair.Server.AwaitFirstWord((connection, failure) =>
    {
        Assert.Same(_pair.Server, connection);
        _said.Add(failure);
    }));

    [Fact]
    public async Task Its_first_byte_is_a_word()
    {
        _pair.Client.Send("a"u8);
        await UntilItHasSpoken();
        Assert.Equal([Errno.None], _said);
        Assert.False(_pair.IsClosed);
    }

    [Fact]
    public async Task Its_end_is_a_word()
    {
        _pair.Client.Shutdown(SocketShutdown.Send);
        await UntilItHasSpoken();
        Assert.Equal([Errno.None], _said);
        Assert.False(_pair.IsClosed);
    }

    [Fact]
    public async Task A_moment_of_silence_is_enough()
    {
        await UntilItHasSpoken();
        Assert.Equal([Errno.None], _said);
        Assert.False(_pair.IsClosed);
    }

    [Fact]
    public async Task A_reset_ends_it_there_and_then()
    {
        Reset();
        await UntilItHasSpoken();
        Assert.Equal([Errno.ConnectionReset], _said);
        Assert.True(_pair.IsClosed);
    }

    [Fact]
    public async Task A_reset_behind_a_word_is_the_servers_to_see()
    {
        _pair.Client.Send("a"u8);
        Reset();
        await UntilItHasSpoken();
        Assert.Equal([Errno.None], _said);
        Assert.False(_pair.IsClosed);
    }

    [Fact]
    public void The_end_of_the_loop_is_the_servers_to_see()
    {
        _pair.Loop.Dispose();
        Assert.Equal([Errno.None], _said);
        Assert.False(_pair.IsClosed);
    }

    [Fact]
    public async Task A_word_and_an_end_behind_it_are_not_taken_for_the_end_of_the_connection()
    {
        _pair.Client.Send("a"u8);
        _pair.Client.Shutdown(SocketShutdown.Send);
        await UntilItHasSpoken();
        Assert.False(_pair.Server.Closed.IsCancellationRequested);
    }

    public void Dispose() => _pair.Dispose();

    private void Reset()
    {
        _pair.Client.LingerState = new LingerOption(true, 0);
        _pair.Client.Dispose();
    }

    private async Task UntilItHasSpoken()
    {
        await Eventually.IsTrue(() =>
        {
            _pair.Loop.RunHere(null);
            return _said.Count > 0;
        });

        // Once is enough.
        for (int round = 0; round < 1000; round++)
        {
            _pair.Loop.RunHere(null);
        }
    }
}
