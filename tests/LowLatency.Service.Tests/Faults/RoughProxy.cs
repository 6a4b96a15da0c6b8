using System.Net;
using System.Net.Sockets;
using LowLatency.Service.Tests.Running;

namespace LowLatency.Service.Tests.Faults;

/// <summary>A network in between that treats the bytes badly: cuts them into slices, holds them up, and breaks connections off. The same for the same seed.</summary>
/// <remarks>An end in one direction is passed on in that direction only. The delays are its own, by a timer; nobody waits for them to be over.</remarks>
internal sealed class RoughProxy : IAsyncDisposable
{
    private const int LongestSlice = 3000;

    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<Task> _running = [];
    private readonly EndPoint _target;
    private readonly int _seed;
    private int _resets;

    internal RoughProxy(EndPoint target, int seed)
    {
        (_target, _seed) = (target, seed);
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        _running.Add(AcceptAsync());
    }

    internal EndPoint Address => _listener.LocalEndPoint!;

    /// <summary>Resets both sides of a connection after so many bytes of one direction. Default: never.</summary>
    internal (Direction Direction, int Bytes)? ResetAfter { get; init; }

    /// <summary>Connections that it has reset.</summary>
    internal int Resets => Volatile.Read(ref _resets);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Dispose();
        Task[] running;
        lock (_running)
        {
            running = [.. _running];
        }

        await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        for (int connection = 0; ; connection++)
        {
            Socket client = await _listener.AcceptAsync(_stopping.Token);
            Task relaying = RelayAsync(client, new Random(_seed + connection));
            lock (_running)
            {
                _running.Add(relaying);
            }
        }
    }

    private async Task RelayAsync(Socket client, Random seeds)
    {
        using (client)
        using (ServiceClient service = await ServiceClient.ConnectAsync(_target))
        {
            client.NoDelay = service.Socket.NoDelay = true;
            Task there = PassAsync(client, service.Socket, Direction.Requests, new Random(seeds.Next()));
            Task back = PassAsync(service.Socket, client, Direction.Replies, new Random(seeds.Next()));
            try
            {
                // Whichever fails first breaks off the other.
                await await Task.WhenAny(there, back);
                await Task.WhenAll(there, back);
            }
            catch (SocketException)
            {
                Reset(client);
                Reset(service.Socket);
                await Task.WhenAll(there, back).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task PassAsync(Socket from, Socket to, Direction direction, Random random)
    {
        byte[] buffer = new byte[LongestSlice];
        int passed = 0;
        while (true)
        {
            int count = await from.ReceiveAsync(buffer.AsMemory(0, 1 + random.Next(random.Next(1, LongestSlice))), _stopping.Token);
            if (count == 0)
            {
                to.Shutdown(SocketShutdown.Send);
                return;
            }

            if (random.Next(16) == 0)
            {
                await Task.Delay(random.Next(1, 4), _stopping.Token);
            }

            int left = ResetAfter is (Direction resetting, int after) && resetting == direction ? after - passed : int.MaxValue;
            for (int sent = 0; sent < Math.Min(count, left);)
            {
                sent += await to.SendAsync(buffer.AsMemory(sent, Math.Min(count, left) - sent), _stopping.Token);
            }

            passed += count;
            if (count >= left)
            {
                Interlocked.Increment(ref _resets);
                throw new SocketException((int)SocketError.ConnectionReset);
            }
        }
    }

    private static void Reset(Socket socket)
    {
        socket.LingerState = new LingerOption(true, 0);
        socket.Close();
    }

    internal enum Direction
    {
        Requests,
        Replies,
    }
}
