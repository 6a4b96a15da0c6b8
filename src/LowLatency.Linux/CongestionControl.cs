using System.Text;

namespace LowLatency.Linux;

/// <summary>Chooses how TCP finds out how much a network takes.</summary>
/// <remarks>
/// A listening socket passes its choice on to what it accepts. See tcp(7), TCP_CONGESTION, and /proc/sys/net/ipv4/tcp_available_congestion_control.
/// </remarks>
public static unsafe class CongestionControl
{
    private const int TcpLevel = 6;
    private const int CongestionOption = 13;

    /// <summary>The one that every kernel has, that anybody may choose, and that does least for each segment.</summary>
    public const string Reno = "reno";

    /// <summary>Chooses an algorithm for a socket.</summary>
    /// <param name="descriptor">A TCP socket, connected or listening.</param>
    /// <param name="algorithm">By the kernel's name.</param>
    /// <returns><see cref="Errno.None"/>; <see cref="Errno.NoEntry"/> when there is none of that name; <see cref="Errno.NotPermitted"/> when it is not for this user.</returns>
    public static Errno TrySet(int descriptor, string algorithm)
    {
        byte[] name = Encoding.ASCII.GetBytes(algorithm);
        fixed (byte* start = name)
        {
            return Libc.SetSocketOption(descriptor, TcpLevel, CongestionOption, start, name.Length) == 0 ? Errno.None : (Errno)Libc.LastError;
        }
    }

    /// <summary>Which one a socket has.</summary>
    /// <param name="descriptor">A TCP socket.</param>
    /// <param name="algorithm">Its name.</param>
    /// <returns><see cref="Errno.None"/>, or why it cannot be told.</returns>
    public static Errno TryGet(int descriptor, out string algorithm)
    {
        byte* name = stackalloc byte[16];
        int length = 16;
        Errno error = Libc.GetSocketOption(descriptor, TcpLevel, CongestionOption, name, &length) == 0 ? Errno.None : (Errno)Libc.LastError;
        algorithm = error == Errno.None ? Encoding.ASCII.GetString(name, length).TrimEnd('\0') : "";
        return error;
    }
}
