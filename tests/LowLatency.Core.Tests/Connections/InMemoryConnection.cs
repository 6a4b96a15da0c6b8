using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Xunit;

namespace LowLatency.Core.Tests.Connections;

/// <summary>A connection without a socket, seen from the client's side.</summary>
/// <remarks>Both pipes run their continuations inline: when <see cref="Send(ReadOnlySpan{byte})"/> returns, the handler has done all it can.</remarks>
internal sealed class InMemoryConnection : ConnectionContext, IConnectionLifetimeNotificationFeature, IDisposable
{
    private readonly Pipe _toServer = new(Inline(pauseAt: 0));
    private readonly Pipe _toClient;
    private readonly MemoryStream _received = new();
    private readonly CancellationTokenSource _closed = new();
    private readonly CancellationTokenSource _closeRequested = new();

    /// <param name="pauseRepliesAt">Unread reply bytes at which a flush waits for the client; 0 for never.</param>
    internal InMemoryConnection(long pauseRepliesAt = 0)
    {
        _toClient = new Pipe(Inline(pauseRepliesAt));
        Transport = new Duplex(_toServer.Reader, _toClient.Writer);
        ConnectionClosed = _closed.Token;
        Features.Set<IConnectionLifetimeNotificationFeature>(this);
    }

    public override string ConnectionId { get; set; } = "in memory";

    public override IFeatureCollection Features { get; } = new FeatureCollection();

    public override IDictionary<object, object?> Items { get; set; } = new Dictionary<object, object?>();

    public override IDuplexPipe Transport { get; set; }

    CancellationToken IConnectionLifetimeNotificationFeature.ConnectionClosedRequested
    {
        get => _closeRequested.Token;
        set => throw new NotSupportedException();
    }

    /// <summary>Why the server cut the connection, if it did.</summary>
    internal ConnectionAbortedException? AbortReason { get; private set; }

    /// <summary>The server has said that no more replies will come.</summary>
    internal bool RepliesEnded { get; private set; }

    /// <summary>All reply bytes so far.</summary>
    internal byte[] Replies
    {
        get
        {
            Drain();
            return _received.ToArray();
        }
    }

    internal string ReplyText => Encoding.Latin1.GetString(Replies);

    internal void Send(ReadOnlySpan<byte> bytes)
    {
        _toServer.Writer.Write(bytes);
        Task flushed = _toServer.Writer.FlushAsync().AsTask();
        Assert.True(flushed.IsCompleted, "The way to the server is unbounded.");
    }

    internal void Send(string text) => Send(Encoding.Latin1.GetBytes(text));

    /// <summary>The client sends no more, but still reads.</summary>
    internal void HalfClose() => _toServer.Writer.Complete();

    /// <summary>The client is gone without a goodbye.</summary>
    internal void Reset() => Fail(new ConnectionResetException("Reset by the test."));

    /// <summary>The client has done what its transport does not allow.</summary>
    internal void BreakProtocol() => _toServer.Writer.Complete(new InvalidDataException("Broken by the test."));

    /// <summary>The client takes no more replies, as a transport finds out when it sends.</summary>
    internal void StopReceiving() => _toClient.Reader.Complete();

    /// <summary>The server's host wants the connection to end soon.</summary>
    internal void RequestClose() => _closeRequested.Cancel();

    void IConnectionLifetimeNotificationFeature.RequestClose() => RequestClose();

    public override void Abort(ConnectionAbortedException abortReason)
    {
        AbortReason = abortReason;
        Fail(abortReason);
    }

    public void Dispose()
    {
        _closed.Dispose();
        _closeRequested.Dispose();
        _received.Dispose();
    }

    private static PipeOptions Inline(long pauseAt) => new(
        readerScheduler: PipeScheduler.Inline,
        writerScheduler: PipeScheduler.Inline,
        pauseWriterThreshold: pauseAt,
        resumeWriterThreshold: pauseAt / 2,
        useSynchronizationContext: false);

    private void Fail(Exception reason)
    {
        _toServer.Writer.Complete(reason);
        _toClient.Reader.Complete();
        _closed.Cancel();
    }

    private void Drain()
    {
        while (!RepliesEnded && !_closed.IsCancellationRequested && _toClient.Reader.TryRead(out ReadResult read))
        {
            foreach (ReadOnlyMemory<byte> segment in read.Buffer)
            {
                _received.Write(segment.Span);
            }

            RepliesEnded = read.IsCompleted;
            _toClient.Reader.AdvanceTo(read.Buffer.End);
        }
    }

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
