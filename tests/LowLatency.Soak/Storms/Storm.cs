using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace LowLatency.Soak.Storms;

/// <summary>One client's 99th percentile, alone and beside each kind of trouble. For any server that answers whatever arrives.</summary>
internal static class Storm
{
    private const int SlowSenders = 500;
    private const int NeverReading = 100;
    private const int ResetsPerSecond = 1000;
    private static readonly byte[] Request = "hola"u8.ToArray();

    internal static async Task RunAsync(IPEndPoint server, TimeSpan duration)
    {
        Measure(server, TimeSpan.FromSeconds(1));
        Print("alone", Measure(server, duration));
        Print("slow", await BesideAsync(server, duration, end => SendSlowlyAsync(server, end)));
        Print("unread", await BesideAsync(server, duration, end => NeverReadAsync(server, end)));
        Print("resets", await BesideAsync(server, duration, end => ResetAsync(server, end)));
    }

    private static void Print(string what, (double P50, double P99) microseconds)
        => Console.WriteLine(FormattableString.Invariant($"{what} {microseconds.P50:F1} {microseconds.P99:F1}"));

    private static async Task<(double P50, double P99)> BesideAsync(IPEndPoint server, TimeSpan duration, Func<CancellationToken, Task> trouble)
    {
        using var end = new CancellationTokenSource();
        Task storm = trouble(end.Token);
        await Task.Delay(300, CancellationToken.None);
        (double, double) measured = await Task.Run(() => Measure(server, duration), CancellationToken.None);
        await end.CancelAsync();
        await storm;
        return measured;
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

    private static async Task SendSlowlyAsync(IPEndPoint server, CancellationToken end)
    {
        Socket[] peers = [.. Enumerable.Range(0, SlowSenders).Select(_ => Connect(server))];
        byte[] letter = "x"u8.ToArray();
        while (!end.IsCancellationRequested)
        {
            foreach (Socket peer in peers)
            {
                _ = peer.Send(letter);
            }

            await PauseAsync(TimeSpan.FromMilliseconds(500), end);
        }

        Array.ForEach(peers, peer => peer.Dispose());
    }

    private static async Task NeverReadAsync(IPEndPoint server, CancellationToken end)
    {
        Socket[] peers = [.. Enumerable.Range(0, NeverReading).Select(_ => Connect(server))];
        byte[] much = new byte[64];
        Array.ForEach(peers, peer => peer.Blocking = false);
        while (!end.IsCancellationRequested)
        {
            foreach (Socket peer in peers)
            {
                _ = peer.Send(much, 0, much.Length, SocketFlags.None, out _);
            }

            await PauseAsync(TimeSpan.FromMilliseconds(10), end);
        }

        Array.ForEach(peers, peer => peer.Dispose());
    }

    private static async Task ResetAsync(IPEndPoint server, CancellationToken end)
    {
        var clock = Stopwatch.StartNew();
        for (int sent = 0; !end.IsCancellationRequested;)
        {
            for (; sent < clock.Elapsed.TotalSeconds * ResetsPerSecond; sent++)
            {
                using Socket socket = Connect(server);
                socket.LingerState = new LingerOption(true, 0);
            }

            await PauseAsync(TimeSpan.FromMilliseconds(5), end);
        }
    }

    private static Task PauseAsync(TimeSpan pause, CancellationToken end) => Task.Delay(pause, end).ContinueWith(static _ => { }, TaskScheduler.Default);
}
