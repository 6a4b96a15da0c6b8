using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using LowLatency.Transports.PipeEnds;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace LowLatency.Transports.Tls.Internal;

/// <summary>A client's connection in clear text over one that is encrypted.</summary>
/// <remarks>
/// What arrives is decrypted at once, whether anybody reads or not, so that the end of a connection that is idle is seen
/// before anything is sent on it. Whoever awaits a read goes on on the thread pool: the thread that decrypts must be free to do
/// so again.
/// </remarks>
internal sealed class TlsConnectionContext : ConnectionContext, IDuplexPipe
{
    // A record of TLS at once.
    private const int RecordBytes = 16 * 1024;
    private const int MostUnreadBytes = 16 * RecordBytes;

    private static readonly TimeSpan PatienceForGoodbye = TimeSpan.FromSeconds(1);

    private readonly ConnectionContext _encrypted;
    private readonly SslStream _clearText;
    private readonly TlsPipeWriter _output;
    private readonly Pipe _received = new(new PipeOptions(
        readerScheduler: PipeScheduler.ThreadPool,
        writerScheduler: PipeScheduler.ThreadPool,
        pauseWriterThreshold: MostUnreadBytes,
        resumeWriterThreshold: MostUnreadBytes / 2,
        minimumSegmentSize: RecordBytes,
        useSynchronizationContext: false));

    private readonly Task _receiving;
    private int _disposed;

    /// <param name="encrypted">Becomes this one's, to be ended with it.</param>
    /// <param name="clearText">After its handshake.</param>
    internal TlsConnectionContext(ConnectionContext encrypted, SslStream clearText)
    {
        _encrypted = encrypted;
        _clearText = clearText;
        _output = new TlsPipeWriter(clearText, encrypted.Transport.Output);
        Features = FeaturesOf(encrypted);
        Transport = this;
        _receiving = Task.Run(ReceiveAsync);
    }

    public override string ConnectionId { get => _encrypted.ConnectionId; set => _encrypted.ConnectionId = value; }

    public override IFeatureCollection Features { get; }

    public override IDictionary<object, object?> Items { get => _encrypted.Items; set => _encrypted.Items = value; }

    public override IDuplexPipe Transport { get; set; }

    public override EndPoint? LocalEndPoint { get => _encrypted.LocalEndPoint; set => _encrypted.LocalEndPoint = value; }

    public override EndPoint? RemoteEndPoint { get => _encrypted.RemoteEndPoint; set => _encrypted.RemoteEndPoint = value; }

    public override CancellationToken ConnectionClosed { get => _encrypted.ConnectionClosed; set => _encrypted.ConnectionClosed = value; }

    PipeReader IDuplexPipe.Input => _received.Reader;

    PipeWriter IDuplexPipe.Output => _output;

    public override void Abort() => _encrypted.Abort();

    public override void Abort(ConnectionAbortedException abortReason) => _encrypted.Abort(abortReason);

    public override async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        try
        {
            await _output.CompleteAsync().AsTask().WaitAsync(PatienceForGoodbye);
        }
        catch (TimeoutException)
        {
            _encrypted.Abort();
        }

        // Ends the receiving, wherever it waits: for the peer, or for somebody who reads.
        await _received.Reader.CompleteAsync();
        _encrypted.Transport.Input.CancelPendingRead();
        await _receiving;
        await _clearText.DisposeAsync();
        await _encrypted.DisposeAsync();
        await base.DisposeAsync();
    }

    private async Task ReceiveAsync()
    {
        Exception? failure = null;
        try
        {
            while (true)
            {
                int count = await _clearText.ReadAsync(_received.Writer.GetMemory(RecordBytes));
                if (count == 0)
                {
                    break;
                }

                _received.Writer.Advance(count);
                if ((await _received.Writer.FlushAsync()).IsCompleted)
                {
                    break;
                }
            }
        }
        catch (Exception exception)
        {
            failure = exception is IOException or OperationCanceledException ? exception : new IOException(ClientHandshake.Innermost(exception), exception);
        }

        await _received.Writer.CompleteAsync(failure);
    }

    // What goes around the pipes would go around TLS.
    private static FeatureCollection FeaturesOf(ConnectionContext encrypted)
    {
        var features = new FeatureCollection();
        foreach ((Type type, object feature) in encrypted.Features)
        {
            if (type != typeof(IDirectExchange) && type != typeof(IReadContinuation) && type != typeof(IConnectionTransportFeature))
            {
                features[type] = feature;
            }
        }

        return features;
    }
}
