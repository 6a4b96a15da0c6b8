using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace LowLatency.Soak.Storms;

/// <summary>One client's 99th percentile, alone and beside each kind of trouble. For any server that answers whatever arrives.</summary>
/// <remarks>Those who are slow and those who never read go to a second address, where a server may have messages that end with a line feed.</remarks>
internal static class Storm
{
    private const int SlowSenders = 500;
    private const int NeverReading = 100;
    private const int ResetsPerSecond = 1000;

    // Replies to so much fill whatever is between two ends, and so does what is not read.
    private const int BytesBefore = 16 * 1024 * 1024;
    private const int TurnsInVain = 30;
    private static readonly TimeSpan BetweenTurns = TimeSpan.FromMilliseconds(50);

    private static readonly byte[] Request = "hola"u8.ToArray();

    internal static async Task RunAsync(IPEndPoint server, IPEndPoint ofLines, TimeSpan duration)
    {
        Measure(server, TimeSpan.FromSeconds(1));
        Print("alone", Measure(server, duration), 0);
        await BesideAsync("slow", server, duration, Slow(ofLines));
        await BesideAsync("unread", server, duration, Unread(ofLines));
        await BesideAsync("resets", server, duration, new Trouble(() => { }, end => ResetAsync(server, end)));
    }

    private static void Print(string what, (double P50, double P99) microseconds, double troublesPerSecond)
        => Console.WriteLine(FormattableString.Invariant($"{what} {microseconds.P50:F1} {microseconds.P99:F1} {troublesPerSecond:F0}"));

    private static async Task BesideAsync(string what, IPEndPoint server, TimeSpan duration, Trouble trouble)
    {
        using var end = new CancellationTokenSource();
        trouble.Begin();
        var clock = Stopwatch.StartNew();
        Task<int> storm = trouble.RunAsync(end.Token);
        await Task.Delay(300, CancellationToken.None);
        (double, double) measured = await Task.Run(() => Measure(server, duration), CancellationToken.None);
        double seconds = clock.Elapsed.TotalSeconds;
        await end.CancelAsync();
        Print(what, measured, await storm / seconds);
    }

    // It spins, so that its own wake-ups are no part of what is measured.
    private static (double P50, double P99) Measure(IPEndPoint server, TimeSpan duration)
    {
        using Socket socket = Connect(server);
        socket.Blocking = false;
        byte[] reply = new byte[64];
        var ticks = new List<long>(1 << 20);
        for (long end = Stopwatch.GetTimestamp() + (long)(duration.TotalSeconds * Stopwatch.Frequency), start = 0; start < end;)
        {
            start = Stopwatch.GetTimestamp();
            socket.Send(Request);
            while (socket.Receive(reply, 0, reply.Length, SocketFlags.None, out SocketError error) <= 0)
            {
                if (error != SocketError.WouldBlock)
                {
                    throw new SocketException((int)error);
                }
            }

            ticks.Add(Stopwatch.GetTimestamp() - start);
        }

        ticks.Sort();
        return (Microseconds(ticks[ticks.Count / 2]), Microseconds(ticks[(int)(ticks.Count * 0.99)]));
    }

    private static double Microseconds(long ticks) => ticks * 1e6 / Stopwatch.Frequency;

    private static Socket Connect(IPEndPoint server)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(server);
        return socket;
    }

    private static Socket[] ConnectMany(IPEndPoint server, int count) => [.. Enumerable.Range(0, count).Select(_ => Connect(server))];

    /// <summary>Each sends a byte now and then, and never ends its message.</summary>
    private static Trouble Slow(IPEndPoint server)
    {
        Socket[] peers = [];
        byte[] letter = "x"u8.ToArray();
        return new Trouble(() => peers = ConnectMany(server, SlowSenders), async end =>
        {
            int sent = 0;
            while (!end.IsCancellationRequested)
            {
                foreach (Socket peer in peers)
                {
                    sent += peer.Send(letter);
                }

                await PauseAsync(TimeSpan.FromMilliseconds(500), end);
            }

            Array.ForEach(peers, peer => peer.Dispose());
            return sent;
        });
    }

    /// <summary>Each asks until there is no room left, or for megabytes, takes no reply, and goes on to ask.</summary>
    private static Trouble Unread(IPEndPoint server)
    {
        Socket[] peers = [];
        byte[] much = new byte[64 * 1024];
        much.AsSpan().Fill((byte)'\n');
        return new Trouble(Fill, async end =>
        {
            int sent = 0;
            while (!end.IsCancellationRequested)
            {
                foreach (Socket peer in peers)
                {
                    sent += peer.Send(much, 0, 64, SocketFlags.None, out SocketError error) > 0 ? 1 : 0;
                    if (error is not (SocketError.Success or SocketError.WouldBlock))
                    {
                        throw new SocketException((int)error);
                    }
                }

                await PauseAsync(TimeSpan.FromMilliseconds(10), end);
            }

            Array.ForEach(peers, peer => peer.Dispose());
            return sent;
        });

        void Fill()
        {
            peers = ConnectMany(server, NeverReading);
            Array.ForEach(peers, peer => peer.Blocking = false);
            long[] sent = new long[peers.Length];
            for (int inVain = 0; inVain < TurnsInVain;)
            {
                inVain++;
                for (int index = 0; index < peers.Length; index++)
                {
                    while (sent[index] < BytesBefore && peers[index].Send(much, 0, much.Length, SocketFlags.None, out _) is int count and > 0)
                    {
                        sent[index] += count;
                        inVain = 0;
                    }
                }

                Thread.Sleep(BetweenTurns);
            }
        }
    }

    /// <summary>Resets connections as soon as they are made.</summary>
    private static Task<int> ResetAsync(IPEndPoint server, CancellationToken end) => Task.Factory.StartNew(
        () =>
        {
            var clock = Stopwatch.StartNew();
            int sent = 0;
            while (!end.IsCancellationRequested)
            {
                for (; sent < clock.Elapsed.TotalSeconds * ResetsPerSecond; sent++)
                {
                    Reset(server);
                }

                Thread.Sleep(1);
            }

            return sent;
        },
        CancellationToken.None,
        TaskCreationOptions.LongRunning,
        TaskScheduler.Default);

    // Over loopback it is made within the call. A call that waited for that would wait for the CPU as well, which the measuring thread has.
    private static void Reset(IPEndPoint server)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
        {
            Blocking = false,
            LingerState = new LingerOption(true, 0),
        };
        try
        {
            socket.Connect(server);
        }
        catch (SocketException underWay) when (underWay.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
        {
        }
    }

    private static Task PauseAsync(TimeSpan pause, CancellationToken end) => Task.Delay(pause, end).ContinueWith(static _ => { }, TaskScheduler.Default);

    /// <param name="Begin">What is there before anything is measured.</param>
    /// <param name="RunAsync">What goes on meanwhile; how often it happened.</param>
    private sealed record Trouble(Action Begin, Func<CancellationToken, Task<int>> RunAsync);
}
