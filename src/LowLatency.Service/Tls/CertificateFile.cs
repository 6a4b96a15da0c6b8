using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using LowLatency.Service.Configuration;

namespace LowLatency.Service.Tls;

/// <summary>The certificate of an endpoint, loaded anew when its files have changed: the next handshake has it, connections keep theirs.</summary>
/// <remarks>
/// Looked at when somebody connects, once a second at most: no watcher has to be right about renamed folders and links. While
/// the files do not fit each other, as in the middle of a replacement, the certificate from before stays.
/// </remarks>
internal sealed class CertificateFile
{
    private const long LookAgainAfter = 1000;

    private readonly Lock _lock = new();
    private readonly TlsOptions _options;
    private readonly ILogger _logger;
    private volatile SslStreamCertificateContext _current;
    private string _stamp;
    private string? _unusable;
    private long _looked = Environment.TickCount64;

    internal CertificateFile(TlsOptions options, ILogger logger)
    {
        _options = options;
        _logger = logger;
        _stamp = Stamp();
        _current = Load(options);
    }

    /// <summary>What the next handshake shows. Any thread.</summary>
    internal SslStreamCertificateContext Current
    {
        get
        {
            if (Environment.TickCount64 - Volatile.Read(ref _looked) >= LookAgainAfter && _lock.TryEnter())
            {
                try
                {
                    LookAgain();
                }
                finally
                {
                    Volatile.Write(ref _looked, Environment.TickCount64);
                    _lock.Exit();
                }
            }

            return _current;
        }
    }

    /// <exception cref="Exception">The files cannot be used: see <see cref="IsUnusable"/>.</exception>
    internal static SslStreamCertificateContext Load(TlsOptions options)
    {
        bool isPem = File.ReadAllText(options.Certificate).Contains("-----BEGIN", StringComparison.Ordinal);
        X509Certificate2Collection others = [];
        X509Certificate2 own;
        if (isPem)
        {
            own = options.Password is null
                ? X509Certificate2.CreateFromPemFile(options.Certificate, options.PrivateKey)
                : X509Certificate2.CreateFromEncryptedPemFile(options.Certificate, options.Password, options.PrivateKey);
            others.ImportFromPemFile(options.Certificate);
        }
        else
        {
            others = X509CertificateLoader.LoadPkcs12CollectionFromFile(options.Certificate, options.Password);
            own = others.FirstOrDefault(certificate => certificate.HasPrivateKey) ?? throw new CryptographicException("there is no private key in the file");
        }

        return SslStreamCertificateContext.Create(own, others, offline: true);
    }

    /// <summary>Whom the certificates of clients are signed by; <c>null</c> for the machine's store.</summary>
    /// <exception cref="Exception">As for <see cref="Load"/>.</exception>
    internal static X509Certificate2Collection? LoadClientCa(TlsOptions options)
    {
        if (options.ClientCa is null)
        {
            return null;
        }

        X509Certificate2Collection authorities = [];
        authorities.ImportFromPemFile(options.ClientCa);
        return authorities.Count > 0 ? authorities : throw new CryptographicException("there is no certificate in the file");
    }

    /// <summary>Whether an exception says that files cannot be used, and so is no bug.</summary>
    internal static bool IsUnusable(Exception exception)
        => exception is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException;

    private void LookAgain()
    {
        string stamp = Stamp();
        if (stamp == _stamp)
        {
            return;
        }

        try
        {
            _current = Load(_options);
            _stamp = stamp;
            Log.CertificateReplaced(_logger, _options.Certificate);
        }
        catch (Exception exception) when (IsUnusable(exception))
        {
            if (_unusable != stamp)
            {
                _unusable = stamp;
                Log.CertificateUnusable(_logger, _options.Key, exception.Message);
            }
        }
    }

    private string Stamp() => string.Join('|', new[] { _options.Certificate, _options.PrivateKey }.OfType<string>().Select(StampOf));

    // Of what a link leads to: whole folders are replaced by one.
    private static string StampOf(string path)
    {
        try
        {
            var file = (FileInfo?)File.ResolveLinkTarget(path, returnFinalTarget: true) ?? new FileInfo(path);
            return FormattableString.Invariant($"{file.FullName} {file.LastWriteTimeUtc.Ticks} {(file.Exists ? file.Length : 0)}");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
