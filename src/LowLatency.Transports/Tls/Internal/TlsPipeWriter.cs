using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Cryptography;

namespace LowLatency.Transports.Tls.Internal;

/// <summary>Encrypts what is written, a flush at a time; its end is TLS's own, and then that of the connection beneath.</summary>
internal sealed class TlsPipeWriter(SslStream clearText, PipeWriter encrypted) : PipeWriter
{
    private readonly PipeWriter _writer = Create(clearText, new StreamPipeWriterOptions(leaveOpen: true));
    private Task? _completed;

    public override void Advance(int bytes) => _writer.Advance(bytes);

    public override Memory<byte> GetMemory(int sizeHint = 0) => _writer.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => _writer.GetSpan(sizeHint);

    public override void CancelPendingFlush() => _writer.CancelPendingFlush();

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => _writer.FlushAsync(cancellationToken);

    public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
        => _writer.WriteAsync(source, cancellationToken);

    /// <summary>Begins to end the direction; <see cref="CompleteAsync"/> tells when it has.</summary>
    public override void Complete(Exception? exception = null) => _completed ??= SayGoodbyeAsync(exception);

    public override ValueTask CompleteAsync(Exception? exception = null) => new(_completed ??= SayGoodbyeAsync(exception));

    // Without it, the peer cannot tell the end from a cut.
    private async Task SayGoodbyeAsync(Exception? exception)
    {
        try
        {
            await _writer.CompleteAsync(exception);
            if (exception is null)
            {
                await clearText.ShutdownAsync();
            }
        }
        catch (Exception gone) when (gone is IOException or ObjectDisposedException or InvalidOperationException or OperationCanceledException or CryptographicException)
        {
            // The peer has gone already, or has broken TLS, and then OpenSSL has nothing more to say.
        }

        await encrypted.CompleteAsync(exception);
    }
}
