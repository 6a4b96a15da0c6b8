using System.Net;
using LowLatency.Linux;
using LowLatency.Transports.Listening;
using LowLatency.Transports.PipeEnds;
using LowLatency.Transports.Polling;
using Microsoft.Extensions.Logging;

namespace LowLatency.Transports.BusyPoll.Internal;

/// <summary>Accepts TCP and Unix connections, and hands them to the loops in turn.</summary>
internal sealed class SocketAcceptSource(
    ListenSocket socket, AcceptSettings settings, bool inline, PollLoopGroup group, PollLoop loop, BusyPollTransportOptions options, ILogger logger, Action fatal)
    : AcceptSource(socket, settings, loop, logger, fatal)
{
    private readonly EndPoint _localEndPoint = socket.LocalEndPoint;

    protected override void Admit(StreamSocket accepted, EndPoint? remote, bool isSilent)
    {
        PollLoop target = group.NextOr(Loop);
        var connection = new SocketConnection(target, accepted, _localEndPoint, remote, inline, options.ReceiveBytes, Left);
        WaitForOne();
        if (target == Loop)
        {
            Start(connection, isSilent);
        }
        else
        {
            target.Post(_ => Start(connection, isSilent), null);
        }
    }

    // On the loop that the connection is to live on.
    private void Start(SocketConnection connection, bool isSilent)
    {
        connection.Loop.Add(connection);
        if (isSilent && IsWary)
        {
            connection.AwaitFirstWord(HasSpoken);
        }
        else
        {
            HasSpoken(connection, Errno.None);
        }
    }

    private void HasSpoken(SocketConnection connection, Errno failure)
    {
        try
        {
            if (failure == Errno.None)
            {
                connection.Loop.ApplicationLeft();
                Publish(connection);
            }
            else
            {
                Lose(failure);
            }
        }
        finally
        {
            WaitNoMore();
        }
    }

    private void Left(PolledConnection connection)
    {
        if (((SocketConnection)connection).CameToNothing)
        {
            BecomeWary();
        }

        Leave(connection.RemoteEndPoint);
    }
}
