using System.Buffers;
using System.IO.Pipelines;
using LowLatency.Transports.BusyPoll;
using LowLatency.Transports.PipeEnds;
using LowLatency.Transports.SharedMemory;
using Microsoft.AspNetCore.Connections;

namespace LowLatency.Transports.Tests.Hosting;

/// <summary>A peer by the client's half of the transport, on a loop of its own that sleeps as often as it can.</summary>
internal sealed class SharedMemoryPeer : Peer
{
    private static readonly SharedMemoryConnectionFactory Factory = new(new BusyPollTransportOptions { WaitStrategy = WaitStrategy.Blocking });

    private readonly ConnectionContext _connection;

    private SharedMemoryPeer(ConnectionContext connection) => _connection = connection;

    internal static async Task<Peer> AttachAsync(SharedMemoryEndPoint place)
        => new SharedMemoryPeer(await Factory.ConnectAsync(new SharedMemoryEndPoint(place.Path, ApplicationScheduling.ThreadPool), Cancellation));

    internal override async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        FlushResult flushed = await _connection.Transport.Output.WriteAsync(bytes, Cancellation);
        if (flushed.IsCompleted)
        {
            throw new IOException("The server takes nothing any more.");
        }
    }

    internal override int TrySend(ReadOnlySpan<byte> bytes)
    {
        IDirectExchange exchange = _connection.Features.Get<IDirectExchange>()!;
        int count = exchange.Send(bytes) is { Succeeded: true } sent ? sent.Count : 0;
        exchange.Flushed();
        return count;
    }

    internal override void ShutdownSend() => _connection.Transport.Output.Complete();

    internal override async ValueTask<int> ReceiveAsync(Memory<byte> buffer)
    {
        PipeReader input = _connection.Transport.Input;
        ReadResult read = await input.ReadAsync(Cancellation);
        ReadOnlySequence<byte> taken = read.Buffer.Slice(0, Math.Min(read.Buffer.Length, buffer.Length));
        taken.CopyTo(buffer.Span);
        int count = (int)taken.Length;
        input.AdvanceTo(taken.End);
        return count;
    }

    internal override void Reset() => _connection.Abort();

    public override void Dispose() => _connection.DisposeAsync().AsTask().Wait(Cancellation);
}
