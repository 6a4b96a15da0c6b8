using System.Net;
using System.Net.Sockets;
using LowLatency.Transports.SharedMemory;
using LowLatency.Transports.Tests.Hosting;

namespace LowLatency.Client.Tests.Hosting;

/// <summary>Servers to ask.</summary>
internal static class Servers
{
    /// <summary>A server that answers by the project's own handler, with the request itself.</summary>
    internal static Task<TestServer> EchoAsync(TestTransport transport, MessageFraming framing) => AnsweringAsync(transport, framing, new EchoResponder());

    internal static Task<TestServer> AnsweringAsync(TestTransport transport, MessageFraming framing, IResponder responder)
    {
        var options = new ResponderOptions
        {
            MaxMessageBytes = 16 * 1024 * 1024,
            Framing = framing switch
            {
                MessageFraming.Line => Framing.Line,
                MessageFraming.LengthPrefix => Framing.LengthPrefix,
                _ => Framing.None,
            },
        };
        return TestServer.StartAsync(transport, new ResponderConnectionHandler(responder, options).OnConnectedAsync);
    }

    /// <summary>How users write its address.</summary>
    internal static string Url(this TestServer server) => server.Address switch
    {
        UnixDomainSocketEndPoint unix => $"unix://{unix}",
        SharedMemoryEndPoint shm => $"shm://{shm}",
        IPEndPoint ip => $"{(server.IsEncrypted ? "tls" : "tcp")}://{ip}",
        EndPoint other => throw new NotSupportedException(other.ToString()),
    };
}
