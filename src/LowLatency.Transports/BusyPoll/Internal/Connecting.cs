using LowLatency.Linux;

namespace LowLatency.Transports.BusyPoll.Internal;

/// <summary>The beginning of a connect, which tells at once what can be told at once.</summary>
internal static class Connecting
{
    // A Unix listener whose backlog is full refuses without queueing: nothing but another try gets over that.
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(1);

    /// <summary>A socket that is connected or about to be.</summary>
    /// <exception cref="LinuxException">There is nobody, or no way there.</exception>
    internal static async ValueTask<StreamSocket> StartAsync(StreamConnector connector, CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Errno error = connector.TryConnect(out StreamSocket? socket);
            if (error == Errno.None)
            {
                return socket!;
            }

            if (error != Errno.Again)
            {
                throw new LinuxException("connect", error);
            }

            await Task.Delay(RetryAfter, cancellationToken);
        }
    }
}
