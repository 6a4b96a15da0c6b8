using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace LowLatency.Transports.Listening;

/// <summary>Puts a failed bind into words for the person who configured the endpoint.</summary>
internal static class BindFailure
{
    /// <summary>Why, and the remedy; <c>null</c> when it is no failure of the bind but a bug.</summary>
    /// <param name="exception">What the bind threw.</param>
    /// <param name="path">The path of a Unix socket; <c>null</c> for a port.</param>
    internal static string? Describe(Exception exception, string? path = null) => exception switch
    {
        AddressInUseException => "the address is in use by another process; stop it or choose another port",
        SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse } => "the address is in use by another process; stop it or choose another port",
        SocketException { SocketErrorCode: SocketError.AccessDenied } when path is not null
            => $"no permission to make '{path}'; make its folder writable for the service's user or choose another path",
        SocketException { SocketErrorCode: SocketError.AccessDenied } => "no permission to listen there; ports below 1024 need CAP_NET_BIND_SERVICE",
        SocketException { SocketErrorCode: SocketError.AddressNotAvailable } => "this machine does not have the address",
        SocketException { SocketErrorCode: SocketError.AddressFamilyNotSupported } => "this machine does not have that kind of address",
        SocketException other => other.Message,
        UnauthorizedAccessException denied => denied.Message,
        IOException other => other.Message,
        _ => null,
    };
}
