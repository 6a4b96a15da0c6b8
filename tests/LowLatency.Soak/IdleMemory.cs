using System.Net;
using System.Net.Sockets;

namespace LowLatency.Soak;

/// <summary>What a service keeps for a connection that is held and silent, after it has been used once.</summary>
internal static class IdleMemory
{
    private const double Bar = 4096;
    private static readonly byte[] Request = "hola"u8.ToArray();

    internal static async Task<int> RunAsync(int held, int active)
    {
        using ServiceUnderLoad service = await ServiceUnderLoad.StartAsync(
            "--LowLatency:Limits:MaxConnections=20000", "--LowLatency:Polling:WaitStrategy=Blocking");
        List<Socket> warm = await ConnectAsync(service.Tcp, active);
        await AskAsync(warm, rounds: 20);
        (double heap, long resident) = await MeasureAsync(service);

        List<Socket> idle = await ConnectAsync(service.Tcp, held);
        await AskAsync(idle, rounds: 1);
        await AskAsync(warm, rounds: 20);
        (double heapAfter, long residentAfter) = await MeasureAsync(service);

        double perConnection = (heapAfter - heap) / held;
        Console.WriteLine(FormattableString.Invariant(
            $"{held} held beside {active} active: {perConnection:F0} bytes of managed heap each (bar: {Bar}), {(residentAfter - resident) * 1024.0 / held:F0} bytes resident each"));
        idle.ForEach(socket => socket.Dispose());
        warm.ForEach(socket => socket.Dispose());
        bool alone = await service.IsLeftAloneAsync();
        return perConnection <= Bar && alone ? 0 : 1;
    }

    private static async Task<(double Heap, long Resident)> MeasureAsync(ServiceUnderLoad service)
        => (await service.LiveHeapAsync(), service.ResidentKibibytes);

    private static async Task<List<Socket>> ConnectAsync(IPEndPoint server, int count)
    {
        var sockets = new List<Socket>(count);
        for (int index = 0; index < count; index++)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(server);
            sockets.Add(socket);
        }

        return sockets;
    }

    private static async Task AskAsync(List<Socket> sockets, int rounds)
    {
        byte[] reply = new byte[64];
        for (int round = 0; round < rounds; round++)
        {
            foreach (Socket socket in sockets)
            {
                await socket.SendAsync(Request);
                if (await socket.ReceiveAsync(reply) == 0)
                {
                    throw new IOException("The service has closed a connection.");
                }
            }
        }
    }
}
