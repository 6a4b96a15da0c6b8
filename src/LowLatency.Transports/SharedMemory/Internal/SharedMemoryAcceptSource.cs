using System.Net;
using LowLatency.Linux;
using LowLatency.Transports.Listening;
using LowLatency.Transports.Polling;
using Microsoft.Extensions.Logging;

namespace LowLatency.Transports.SharedMemory.Internal;

/// <summary>Accepts control sockets, and has each attach on the loop that its connection is to live on.</summary>
internal sealed class SharedMemoryAcceptSource(
    ListenSocket socket, AttachSettings settings, ConnectionLimit? limit, MemoryBudget budget, PollLoopGroup group, PollLoop loop, ILogger logger, Action fatal)
    : AcceptSource(socket, new AcceptSettings(settings.EndPoint, limit) { IsInherited = settings.EndPoint.Inherited is not null }, loop, logger, fatal)
{
    protected override void Admit(StreamSocket accepted, EndPoint? remote, bool isSilent)
    {
        WaitForOne();
        PollLoop target = group.NextOr(Loop);
        var handshake = new ServerHandshake(target, accepted, settings, budget, () => IsLeaving, Attached, Refused);
        if (target == Loop)
        {
            handshake.Start();
        }
        else
        {
            target.Post(static handshake => ((ServerHandshake)handshake!).Start(), handshake);
        }
    }

    // On the connection's loop.
    private void Attached(StreamSocket control, SharedRegion region, long memory, PollLoop target)
    {
        var connection = SharedMemoryConnection.OfServer(target, region, control, settings.EndPoint, settings.Inline, settings.ReceiveBytes, _ =>
        {
            budget.Return(memory);
            Leave(null);
        });
        target.ApplicationLeft();
        if (connection.Start())
        {
            Publish(connection);
        }
        else
        {
            connection.Abort(null);
            _ = connection.DisposeAsync().AsTask();
        }

        WaitNoMore();
    }

    private void Refused(SharedMemoryRefusal reason, string detail)
    {
        Leave(null);
        Polling.Log.AttachRefused(Logger, EndPoint, reason, detail);
        if (reason is SharedMemoryRefusal.NotAllowed or SharedMemoryRefusal.NoMemory)
        {
            Summarize(detail);
        }

        try
        {
            settings.EndPoint.Refused?.Invoke(reason);
        }
        finally
        {
            WaitNoMore();
        }
    }
}
