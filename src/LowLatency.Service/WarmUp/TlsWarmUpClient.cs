using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;

namespace LowLatency.Service.WarmUp;

/// <summary>TLS over a plain socket. Takes whatever certificate it is shown: it talks to nobody but its own process.</summary>
internal sealed class TlsWarmUpClient : WarmUpClient
{
    private readonly SslStream _stream;

    internal TlsWarmUpClient(EndPoint address)
    {
        _stream = new SslStream(new NetworkStream(SocketWarmUpClient.Connected(address), ownsSocket: true));
        try
        {
            _stream.AuthenticateAsClient(new SslClientAuthenticationOptions
            {
                TargetHost = "localhost",
                RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null,

                // The first handshake with a client is a whole one.
                AllowTlsResume = false,
            });
        }
        catch (AuthenticationException exception)
        {
            Dispose();
            throw new IOException(exception.Message, exception);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    internal override void Exchange(byte[] request, byte[] reply)
    {
        _stream.Write(request);
        if (_stream.Read(reply) == 0)
        {
            throw new IOException("The warm-up endpoint closed the connection.");
        }
    }

    public override void Dispose() => _stream.Dispose();
}
