using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using LowLatency.Client;
using LowLatency.Transports.BusyPoll;
using LowLatency.Transports.SharedMemory;

namespace LowLatency.Soak.Loads;

/// <summary>Clients of every kind at once: steady ones, ones that come and go, that reset, that are slow, that never read, and scrapers.</summary>
internal sealed class MixedLoad(ServiceUnderLoad service) : IDisposable
{
    private static readonly byte[] Request = "hola"u8.ToArray();
    private static readonly byte[] Reply = "respuesta"u8.ToArray();

    // Between two connects of one client: what has closed first stays in TIME_WAIT for a minute, and ports are not endless.
    private static readonly TimeSpan BetweenConnects = TimeSpan.FromMilliseconds(10);

    private readonly CancellationTokenSource _end = new();
    private readonly HttpClient _http = new();
    private readonly SharedMemoryConnectionFactory _rings = new(new BusyPollTransportOptions { WaitStrategy = WaitStrategy.Blocking });
    private long _answered;
    private long _wrong;
    private long _connects;
    private long _resets;
    private long _silenced;
    private long _unread;
    private long _scrapes;
    private TimeSpan _slowestAttach;

    internal long Answered => Interlocked.Read(ref _answered);

    /// <summary>Connections that came and went, however they did.</summary>
    internal long Connections => _connects + _resets + _silenced + _unread;

    /// <summary>Peers that the service has cut off: whose message did not end, and who did not take their replies.</summary>
    internal (long Silenced, long Unread) CutOff => (_silenced, _unread);

    internal async Task RunAsync(TimeSpan duration)
    {
        var clock = Stopwatch.StartNew();
        _end.CancelAfter(duration);
        Task[] clients =
        [
            AskAsync($"tcp://{service.Tcp}"), AskAsync($"tcp://{service.Tcp}"), AskAsync(service.Unix), AskAsync(service.SharedMemory, Rings), AttachAsync(),
            ComeAndGoAsync(), ComeAndGoAsync(), ResetAsync(), SendSlowlyAsync(), NeverReadAsync(), ScrapeAsync(),
        ];
        await Task.WhenAll(clients.Select(client => EndWithAsync(client, clock)));
    }

    /// <param name="verdict">What is added to.</param>
    /// <param name="duration">How long it was; with deadlines of a second a bad peer lives for less than four.</param>
    internal void Report(Verdict verdict, TimeSpan duration)
    {
        Console.WriteLine($"{_answered} answered, {_connects} connects, {_resets} resets, {_silenced} slow senders and {_unread} who do not read cut off, {_scrapes} scrapes; the slowest attach took {_slowestAttach.TotalMilliseconds:F0} ms");
        verdict.Require(_answered > 0 && _connects > 0 && _resets > 0 && _scrapes > 0, "everybody got something done");
        verdict.AtMost(0, _wrong, "requests without their reply, and connects without a connection");
        verdict.Require(Math.Min(_silenced, _unread) >= Math.Floor(duration.TotalSeconds / 4), "who is slow is cut off");
    }

    public void Dispose()
    {
        _end.Dispose();
        _http.Dispose();
        _rings.Dispose();
    }

    private LowLatencyClientOptions Rings => new() { ConnectionFactory = _rings };

    /// <summary>Ends the load with a client that fails, and says when: the others would go on without it.</summary>
    private async Task EndWithAsync(Task client, Stopwatch clock)
    {
        try
        {
            await client;
        }
        catch (Exception exception)
        {
            Console.WriteLine($"FAILED  {clock.Elapsed:hh\\:mm\\:ss} into the load: {exception.Message}");
            await _end.CancelAsync();
            throw;
        }
    }

    private async Task AskAsync(string url, LowLatencyClientOptions? options = null)
    {
        await using LowLatencyClient client = await LowLatencyClient.ConnectAsync(url, options);
        byte[] reply = new byte[64];
        while (!_end.IsCancellationRequested)
        {
            Count(reply.AsSpan(0, await client.AskAsync(Request, reply)));
        }
    }

    /// <summary>Attaches to shared memory again and again.</summary>
    private async Task AttachAsync()
    {
        byte[] reply = new byte[64];
        while (!_end.IsCancellationRequested)
        {
            var clock = Stopwatch.StartNew();
            await using LowLatencyClient client = await LowLatencyClient.ConnectAsync(service.SharedMemory, Rings);
            _slowestAttach = clock.Elapsed > _slowestAttach ? clock.Elapsed : _slowestAttach;
            Count(reply.AsSpan(0, await client.AskAsync(Request, reply)));
            await PauseAsync(BetweenConnects);
        }
    }

    private Task ComeAndGoAsync() => AgainAndAgainAsync(service.Tcp, async socket =>
    {
        byte[] reply = new byte[64];
        await socket.SendAsync(Request);
        Count(reply.AsSpan(0, await socket.ReceiveAsync(reply)));
        Interlocked.Increment(ref _connects);
    });

    private Task ResetAsync() => AgainAndAgainAsync(service.Tcp, async socket =>
    {
        socket.LingerState = new LingerOption(true, 0);
        await socket.SendAsync(Request);
        Interlocked.Increment(ref _resets);
    });

    /// <summary>Begins a message and never ends it: closed by the service at the message's deadline.</summary>
    private Task SendSlowlyAsync() => AgainAndAgainAsync(
        service.Line,
        async socket =>
        {
            while (!_end.IsCancellationRequested)
            {
                await socket.SendAsync("x"u8.ToArray());
                await PauseAsync(TimeSpan.FromMilliseconds(200));
            }
        },
        () => Interlocked.Increment(ref _silenced));

    /// <summary>Asks and asks: closed by the service at the reply's deadline.</summary>
    private Task NeverReadAsync()
    {
        // Every byte is a message, or one who is kept from running before there are enough replies would be silent in the middle of one,
        // and be closed at that deadline.
        byte[] requests = Encoding.ASCII.GetBytes(new string('\n', 50_000));
        return AgainAndAgainAsync(
            service.Line,
            async socket =>
            {
                while (!_end.IsCancellationRequested)
                {
                    await socket.SendAsync(requests, _end.Token);
                }
            },
            () => Interlocked.Increment(ref _unread));
    }

    private async Task ScrapeAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            await _http.GetStringAsync(new Uri(service.Sidecar, "/metrics"));
            Interlocked.Increment(ref _scrapes);
            await PauseAsync(TimeSpan.FromMilliseconds(250));
        }
    }

    /// <param name="address">Whom to connect to.</param>
    /// <param name="use">What to do with a connection.</param>
    /// <param name="cutOff">Told of a connection that the service has cut off, where it must; elsewhere that is wrong.</param>
    private async Task AgainAndAgainAsync(IPEndPoint address, Func<Socket, Task> use, Action? cutOff = null)
    {
        while (!_end.IsCancellationRequested)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            bool isConnected = false;
            try
            {
                await socket.ConnectAsync(address, _end.Token);
                isConnected = true;
                await use(socket);
            }
            catch (Exception exception) when (exception is OperationCanceledException or SocketException && _end.IsCancellationRequested)
            {
                // It meets the end.
            }
            catch (SocketException exception)
            {
                if (isConnected && cutOff is not null)
                {
                    cutOff();
                }
                else
                {
                    Console.WriteLine($"FAILED  {(isConnected ? "a connection was cut off" : "nobody could connect")}: {exception.Message}");
                    Interlocked.Increment(ref _wrong);
                }
            }

            await PauseAsync(BetweenConnects);
        }
    }

    private void Count(ReadOnlySpan<byte> reply)
    {
        Interlocked.Increment(ref _answered);
        if (!reply.SequenceEqual(Reply) && !_end.IsCancellationRequested)
        {
            Interlocked.Increment(ref _wrong);
        }
    }

    private Task PauseAsync(TimeSpan pause) => Task.Delay(pause, _end.Token).ContinueWith(static _ => { }, TaskScheduler.Default);
}
