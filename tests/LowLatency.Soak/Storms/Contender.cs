using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace LowLatency.Soak.Storms;

/// <summary>A server that is measured.</summary>
/// <param name="Name">What its figures are printed behind.</param>
/// <param name="ProcessId">Stopped while it is another one's turn.</param>
/// <param name="Server">Where the measuring client, and those who reset, connect.</param>
/// <param name="Slow">Where the slow senders do.</param>
/// <param name="Unread">Where those who never read do; <c>null</c> for a socket that takes nobody in.</param>
internal sealed record Contender(string Name, int ProcessId, IPEndPoint Server, IPEndPoint Slow, IPEndPoint? Unread)
{
    internal static bool TryParse(ReadOnlySpan<string> words, [NotNullWhen(true)] out Contender? contender)
    {
        contender = null;
        if (words is not [var name, var id, var server, var slow, var unread]
            || !int.TryParse(id, out int processId) || !IPEndPoint.TryParse(server, out IPEndPoint? ofServer) || !IPEndPoint.TryParse(slow, out IPEndPoint? ofSlow)
            || (!IPEndPoint.TryParse(unread, out IPEndPoint? ofUnread) && unread != "-"))
        {
            return false;
        }

        contender = new Contender(name, processId, ofServer, ofSlow, ofUnread);
        return true;
    }
}
