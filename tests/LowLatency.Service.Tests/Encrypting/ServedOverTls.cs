using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using LowLatency.Service.Configuration;
using LowLatency.Service.Tests.Running;
using Xunit;

namespace LowLatency.Service.Tests.Encrypting;

/// <summary>What a test needs to be the server of one connection over TLS, in its own process.</summary>
internal sealed class ServedOverTls : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Authority _authority = new("authority");
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly TcpClient _client = new();

    /// <summary>With a certificate of an authority that the client trusts.</summary>
    internal TlsOptions Options()
    {
        using X509Certificate2 certificate = _authority.Issue("service");
        Authority.Write(certificate, _folder.File("certificate.pem"), _folder.File("key.pem"));
        return new TlsOptions(
            "Tls", _folder.File("certificate.pem"), _folder.File("key.pem"), null, ClientCertificates.None, null, SslProtocols.Tls12 | SslProtocols.Tls13);
    }

    /// <summary>The server's end of a connection.</summary>
    internal async Task<Socket> AcceptAsync()
    {
        _listener.Start();
        await _client.ConnectAsync((IPEndPoint)_listener.LocalEndpoint, TestContext.Current.CancellationToken);
        return await _listener.AcceptSocketAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>The client's end, behind its handshake.</summary>
    internal async Task<SslStream> ShakeHandsAsync()
    {
        var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        trust.CustomTrustStore.Add(_authority.Certificate);
        var tls = new SslStream(_client.GetStream());
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions { TargetHost = "127.0.0.1", CertificateChainPolicy = trust }, TestContext.Current.CancellationToken);
        return tls;
    }

    public void Dispose()
    {
        _client.Dispose();
        _listener.Dispose();
        _authority.Dispose();
        _folder.Dispose();
    }
}
