namespace LowLatency.Linux;

/// <summary>Who is on the other side of a Unix socket, by the kernel's word.</summary>
/// <remarks>
/// As it was when the peer connected, or began to listen: who hands the socket on afterwards hands his name on with it. Numbers
/// are translated into the reader's namespaces.
/// </remarks>
/// <param name="Process">The process's number, which may since be another's; 0 for one in a place that this process cannot see.</param>
/// <param name="User">The effective user.</param>
/// <param name="Group">The effective group.</param>
public readonly unsafe record struct PeerCredentials(int Process, uint User, uint Group)
{
    private const int SocketLevel = 1;
    private const int CredentialsOption = 17;
    private const int GroupsOption = 59;
    private const uint Nobody = uint.MaxValue;

    /// <summary>What the peers of this process see, if they connect now.</summary>
    public static PeerCredentials OfThisProcess => new(Environment.ProcessId, Libc.EffectiveUser(), Libc.EffectiveGroup());

    /// <summary>Asks who the peer is.</summary>
    /// <returns><see cref="Errno.None"/>; <see cref="Errno.NoData"/> for a socket that is not a Unix one or has no peer.</returns>
    public static Errno TryGet(StreamSocket socket, out PeerCredentials peer)
    {
        ArgumentNullException.ThrowIfNull(socket);
        peer = new PeerCredentials(0, Nobody, Nobody);

        // struct ucred { pid_t pid; uid_t uid; gid_t gid; }
        uint* credentials = stackalloc uint[3];
        int length = 3 * sizeof(uint);
        if (Libc.GetSocketOption(socket.Descriptor, SocketLevel, CredentialsOption, credentials, &length) != 0)
        {
            return (Errno)Libc.LastError;
        }

        // The kernel says so of TCP, and calls it a success.
        if (credentials[1] == Nobody)
        {
            return Errno.NoData;
        }

        peer = new PeerCredentials((int)credentials[0], credentials[1], credentials[2]);
        return Errno.None;
    }

    /// <summary>Asks for the peer's supplementary groups; its <see cref="Group"/> may or may not be among them.</summary>
    /// <returns>As for <see cref="TryGet"/>.</returns>
    public static Errno TryGetGroups(StreamSocket socket, out IReadOnlyList<uint> groups)
    {
        ArgumentNullException.ThrowIfNull(socket);
        uint[] found = new uint[16];
        while (true)
        {
            int length = found.Length * sizeof(uint);
            Errno error;
            fixed (uint* start = found)
            {
                error = Libc.GetSocketOption(socket.Descriptor, SocketLevel, GroupsOption, start, &length) == 0
                    ? Errno.None
                    : (Errno)Libc.LastError;
            }

            // Too small: the length tells what it takes.
            if (error == Errno.OutOfRange)
            {
                found = new uint[length / sizeof(uint)];
                continue;
            }

            groups = error == Errno.None ? found[..(length / sizeof(uint))] : [];
            return error;
        }
    }
}
