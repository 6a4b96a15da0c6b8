using System.Buffers;
using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Net;
using LowLatency.Transports.BusyPoll;
using LowLatency.Transports.SharedMemory;
using LowLatency.Transports.Tests.Hosting;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace LowLatency.Transports.Tests.SharedMemory;

/// <summary>An echo server over shared memory, with an honest client that is served all the while, whatever others do.</summary>
internal sealed class Siege : IAsyncDisposable
{
    private readonly TestServer _server;
    private readonly Defences _defences;
    private readonly CancellationTokenSource _peace = new();
    private readonly Peer _honest;
    private readonly Task _serving;
    private int _served;

    private Siege(TestServer server, Defences defences, Peer honest)
    {
        _server = server;
        _defences = defences;
        _honest = honest;
        _serving = BeServedAsync();
    }

    internal string Path => _server.Address.ToString()!;

    internal TestServer Server => _server;

    /// <summary>Why clients were refused, in order.</summary>
    internal IReadOnlyCollection<SharedMemoryRefusal> Refusals => _defences.Refusals;

    /// <summary>Others than the honest client that have got as far as a handler.</summary>
    internal int OthersAttached => _defences.Attached - 1;

    /// <summary>Handlers that run for others than the honest client.</summary>
    internal int OthersOpen => _server.OpenConnections - 1;

    internal static async Task<Siege> StartAsync(
        Action<SharedMemoryTransportOptions>? options = null, Action<BusyPollTransportOptions>? polling = null, Func<ConnectionContext, Task>? handler = null)
    {
        var defences = new Defences(options, polling);
        TestServer server = await TestServer.StartAsync(defences, connection =>
        {
            defences.CountAttached();
            return (handler ?? EchoAsync)(connection);
        });
        return new Siege(server, defences, await server.ConnectAsync());
    }

    internal Task<Attacker> AttackAsync(params string[] attack) => Attacker.StartAsync(Path, attack);

    /// <summary>Waits for the end of a connection that is none of the honest client's: what its handler ended with, if it failed.</summary>
    internal async Task<Exception?> AttackedConnectionEndsAsync() => await Record.ExceptionAsync(_server.HandledAsync);

    /// <summary>Waits for refusals.</summary>
    internal async Task RefusesAsync(SharedMemoryRefusal reason, int times = 1)
    {
        await Eventually.IsTrue(() => Refusals.Count >= times, () => $"{Refusals.Count} were refused.");
        Assert.Equal(Enumerable.Repeat(reason, times), Refusals);
    }

    /// <summary>The honest client, and one that comes now, get right answers from now on.</summary>
    internal async Task OthersAreServedAsync()
    {
        int served = Volatile.Read(ref _served);
        using (Peer late = await _server.ConnectAsync())
        {
            await AskAsync(late, Payload.Of(50_000, served));
        }

        await _server.HandledAsync();
        await Eventually.IsTrue(() => _serving.IsCompleted || Volatile.Read(ref _served) > served + 10, () => "The honest client is not served any more.");
        Assert.False(_serving.IsCompleted, _serving.Exception?.ToString());
    }

    /// <summary>The honest client leaves, and the server stops.</summary>
    internal async Task StopAsync()
    {
        await _peace.CancelAsync();
        await _serving;
        _honest.Dispose();
        await _server.StopAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _peace.CancelAsync();
        try
        {
            await _serving;

            // What the handler lets through, and refusals, which are summed up.
            Assert.DoesNotContain(_server.Logs.Warnings, line => !line.Contains("Unhandled exception while processing", StringComparison.Ordinal)
                && !line.Contains("refused since the last such line", StringComparison.Ordinal));
        }
        finally
        {
            _honest.Dispose();
            await _server.DisposeAsync();
            _peace.Dispose();
        }
    }

    /// <summary>Answers until it cannot, and then reads once more, which tells why.</summary>
    internal static async Task EchoAsync(ConnectionContext connection)
    {
        PipeReader input = connection.Transport.Input;
        PipeWriter output = connection.Transport.Output;
        while (true)
        {
            ReadResult read = await input.ReadAsync();
            foreach (ReadOnlyMemory<byte> part in read.Buffer)
            {
                output.Write(part.Span);
            }

            input.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                return;
            }

            if ((await output.FlushAsync()).IsCompleted)
            {
                await Handlers.DrainAsync(input);
                return;
            }
        }
    }

    private async Task BeServedAsync()
    {
        await Task.Yield();
        while (!_peace.IsCancellationRequested)
        {
            await AskAsync(_honest, Payload.Of(1 + (_served % 20_000), _served));
            Interlocked.Increment(ref _served);
        }
    }

    private static async Task AskAsync(Peer peer, byte[] question)
    {
        await peer.SendAsync(question);
        Payload.Same(question, await peer.ReceiveExactlyAsync(question.Length));
    }

    /// <summary>The transport, and a note of whom it refused.</summary>
    private sealed class Defences(Action<SharedMemoryTransportOptions>? options, Action<BusyPollTransportOptions>? polling) : TestTransport
    {
        private readonly ConcurrentQueue<SharedMemoryRefusal> _refusals = new();
        private int _attached;

        internal int Attached => Volatile.Read(ref _attached);

        internal void CountAttached() => Interlocked.Increment(ref _attached);

        internal IReadOnlyCollection<SharedMemoryRefusal> Refusals => _refusals;

        internal override void Use(IWebHostBuilder builder) => builder
            .UseSharedMemory(options)
            .ConfigureServices(services => services.Configure<BusyPollTransportOptions>(settings =>
            {
                settings.SpinFor = TimeSpan.FromMilliseconds(1);
                polling?.Invoke(settings);
            }));

        internal override EndPoint NewEndPoint() => new SharedMemoryEndPoint(System.IO.Path.Combine(System.IO.Path.GetTempPath(), System.IO.Path.GetRandomFileName() + ".sock"))
        {
            Refused = _refusals.Enqueue,
        };
    }
}
