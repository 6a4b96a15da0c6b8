using System.Globalization;
using System.Net;
using System.Net.Sockets;
using LowLatency.Service.Configuration;

namespace LowLatency.Service.Supervision;

/// <summary>Sockets that a service manager listens on and hands down, so that nobody is refused while the service restarts.</summary>
/// <remarks>
/// systemd's protocol (sd_listen_fds(3)): descriptors from 3 on, as many as <c>LISTEN_FDS</c> says, meant for the process
/// <c>LISTEN_PID</c>. Each belongs to the endpoint that bears its name in <c>LISTEN_FDNAMES</c>, or else to the one with its address.
/// </remarks>
internal sealed class InheritedSockets
{
    private const string Count = "LISTEN_FDS";
    private const string Names = "LISTEN_FDNAMES";
    private const int First = 3;
    private const int Most = 1024;

    private readonly Dictionary<string, Socket> _sockets = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Takes what was handed down to this process, and reports what fits no endpoint.</summary>
    internal static InheritedSockets Take(IReadOnlyList<EndpointOptions> endpoints, ConfigurationProblems problems)
    {
        var inherited = new InheritedSockets();
        string count = Environment.GetEnvironmentVariable(Count) ?? "";
        bool isForUs = Environment.GetEnvironmentVariable("LISTEN_PID") == Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        if (count.Length == 0 || !isForUs)
        {
            return inherited;
        }

        if (!int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out int sockets) || sockets > Most)
        {
            problems.Add(Count, count, FormattableString.Invariant($"a number up to {Most}"));
            return inherited;
        }

        string[] names = (Environment.GetEnvironmentVariable(Names) ?? "").Split(':');
        for (int index = 0; index < sockets; index++)
        {
            inherited.Take(First + index, index < names.Length ? names[index] : "", endpoints, problems);
        }

        return inherited;
    }

    /// <summary>The socket of an endpoint; <c>null</c> when it has to bind one itself.</summary>
    internal Socket? For(EndpointOptions endpoint) => _sockets.GetValueOrDefault(endpoint.Name);

    private void Take(int descriptor, string name, IReadOnlyList<EndpointOptions> endpoints, ConfigurationProblems problems)
    {
        if (TryListen(descriptor) is not Socket socket)
        {
            problems.Add(Count, FormattableString.Invariant($"descriptor {descriptor} ('{name}') is not a listening stream socket; pass ListenStream= sockets only"));
            return;
        }

        EndpointOptions? named = endpoints.FirstOrDefault(endpoint => endpoint.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
        EndpointOptions? owner = named ?? endpoints.FirstOrDefault(endpoint => IsAt(endpoint, socket));
        if (owner is null)
        {
            problems.Add(Names, $"'{name}' listens on '{socket.LocalEndPoint}', which is no endpoint; allowed: {string.Join(", ", endpoints.Select(each => $"{each.Name} ({each.Url})"))}");
        }
        else if (!IsAt(owner, socket))
        {
            problems.Add(owner.Key, $"'{owner.Url}' is not where the inherited socket '{name}' listens: '{socket.LocalEndPoint}'; make them the same");
        }
        else if (!_sockets.TryAdd(owner.Name, socket))
        {
            problems.Add(Names, $"there are two sockets for {owner.Name}; pass one");
        }
    }

    // Port 0 asks for any.
    private static bool IsAt(EndpointOptions endpoint, Socket socket) => (endpoint.Url.EndPoint, socket.LocalEndPoint) switch
    {
        (IPEndPoint wanted, IPEndPoint there) => wanted.Address.Equals(there.Address) && (wanted.Port == there.Port || wanted.Port == 0),
        (IPEndPoint, _) or (_, IPEndPoint) => false,
        (EndPoint wanted, EndPoint there) => wanted.ToString() == there.ToString(),
        _ => false,
    };

    private static Socket? TryListen(int descriptor)
    {
        try
        {
            var socket = new Socket(new SafeSocketHandle(descriptor, ownsHandle: true));
            bool listens = socket.SocketType == SocketType.Stream
                && (int)socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.AcceptConnection)! != 0;
            if (listens && socket.LocalEndPoint is IPEndPoint)
            {
                // What an earlier holder has left there counts for all who are accepted: a close would reset them, their replies included.
                socket.LingerState = new LingerOption(enable: false, 0);
            }

            return listens && socket.LocalEndPoint is not null ? socket : null;
        }
        catch (SocketException)
        {
            return null;
        }
    }
}
