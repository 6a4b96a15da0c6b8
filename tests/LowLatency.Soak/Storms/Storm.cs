using System.Diagnostics;
using System.Net.Sockets;

namespace LowLatency.Soak.Storms;

/// <summary>One client's 99th percentile, alone and beside each kind of trouble. For any servers that answer whatever arrives.</summary>
/// <remarks>
/// Those who are slow and those who never read have addresses of their own, where a server may have messages that end with a line
/// feed. Those who never read may do without a server: they then ask a socket that takes nobody in, for comparison.
/// </remarks>
internal static class Storm
{
    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(100);

    // Who was stopped finds its caches cold, and events that have waited.
    private static readonly TimeSpan Settling = TimeSpan.FromMilliseconds(20);

    private static readonly byte[] Request = "hola"u8.ToArray();

    internal static async Task RunAsync(IReadOnlyList<Contender> contenders, TimeSpan duration)
    {
        using var turns = new Turns(contenders);
        foreach (Trouble trouble in (Trouble[])[new NoTrouble(), new NoTrouble(), new SlowSenders(), new NeverReading(), new Resets()])
        {
            using (trouble)
            {
                await BesideAsync(trouble, turns, contenders, duration);
            }
        }
    }

    private static async Task BesideAsync(Trouble trouble, Turns turns, IReadOnlyList<Contender> contenders, TimeSpan duration)
    {
        using var end = new CancellationTokenSource();
        var clients = new List<MeasuredClient>();
        try
        {
            foreach (Contender contender in contenders)
            {
                turns.Give(contender);
                trouble.Begin(contender);
                clients.Add(new MeasuredClient(contender));
            }

            Task troubling = trouble.RunAsync(turns, contenders[0], end.Token);
            TimeSpan ofFirst = await Task.Run(() => Measure(clients, turns, duration), CancellationToken.None);
            await end.CancelAsync();
            await troubling;
            foreach (MeasuredClient client in clients)
            {
                Console.WriteLine(FormattableString.Invariant(
                    $"{client.Contender.Name} {trouble.Name} {client.Percentile(0.5):F1} {client.Percentile(0.99):F1} {trouble.Happened / ofFirst.TotalSeconds:F0}"));
            }
        }
        finally
        {
            clients.ForEach(client => client.Dispose());
        }
    }

    /// <returns>For how long the first one had the turn.</returns>
    private static TimeSpan Measure(List<MeasuredClient> clients, Turns turns, TimeSpan duration)
    {
        TimeSpan ofFirst = TimeSpan.Zero;
        for (int slice = 0; slice < duration / Slice; slice++)
        {
            foreach (MeasuredClient client in clients)
            {
                long began = Stopwatch.GetTimestamp();
                turns.Give(client.Contender);
                client.Ask(Settling, isMeasured: false);
                client.Ask(Slice, isMeasured: true);
                ofFirst += client == clients[0] ? Stopwatch.GetElapsedTime(began) : TimeSpan.Zero;
            }
        }

        return ofFirst;
    }

    /// <summary>It spins, so that its own wake-ups are no part of what is measured.</summary>
    private sealed class MeasuredClient : IDisposable
    {
        private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        private readonly List<long> _ticks = new(1 << 20);
        private readonly byte[] _reply = new byte[64];

        internal MeasuredClient(Contender contender)
        {
            Contender = contender;
            _socket.Connect(contender.Server);
            _socket.Blocking = false;
        }

        internal Contender Contender { get; }

        internal void Ask(TimeSpan duration, bool isMeasured)
        {
            for (long end = Stopwatch.GetTimestamp() + (long)(duration.TotalSeconds * Stopwatch.Frequency), start = 0; start < end;)
            {
                start = Stopwatch.GetTimestamp();
                _socket.Send(Request);
                while (_socket.Receive(_reply, 0, _reply.Length, SocketFlags.None, out SocketError error) <= 0)
                {
                    if (error != SocketError.WouldBlock)
                    {
                        throw new SocketException((int)error);
                    }
                }

                if (isMeasured)
                {
                    _ticks.Add(Stopwatch.GetTimestamp() - start);
                }
            }
        }

        /// <summary>In microseconds.</summary>
        internal double Percentile(double rank)
        {
            _ticks.Sort();
            return _ticks[(int)(_ticks.Count * rank)] * 1e6 / Stopwatch.Frequency;
        }

        public void Dispose() => _socket.Dispose();
    }
}
