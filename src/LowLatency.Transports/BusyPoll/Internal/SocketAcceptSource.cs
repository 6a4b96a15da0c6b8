using System.Net;
using LowLatency.Linux;
using LowLatency.Transports.Listening;
using LowLatency.Transports.Polling;
using Microsoft.Extensions.Logging;

namespace LowLatency.Transports.BusyPoll.Internal;

/// <summary>Accepts TCP and Unix connections, and hands them to the loops in turn.</summary>
internal sealed class SocketAcceptSource(
    ListenSocket socket, AcceptSettings settings, bool inline, PollLoopGroup group, PollLoop loop, BusyPollTransportOptions options, ILogger logger, Action fatal)
    : AcceptSource(socket, settings, loop, logger, fatal)
{
    private readonly EndPoint _localEndPoint = socket.LocalEndPoint;

    protected override void Admit(StreamSocket accepted, EndPoint? remote)
    {
        PollLoop target = group.NextOr(Loop);
        var connection = new SocketConnection(
            target, accepted, _localEndPoint, remote, inline, options.ReceiveBytes, closed => Leave(closed.RemoteEndPoint));
        target.ApplicationLeft();
        if (target == Loop)
        {
            Start(connection);
        }
        else
        {
            target.Post(_ => Start(connection), null);
        }
    }

    // On the loop that the connection is to live on.
    private void Start(SocketConnection connection)
    {
        connection.Loop.Add(connection);
        Publish(connection);
    }
}
