using System.IO.Pipelines;
using System.Net.Security;
using System.Net.Sockets;
using LowLatency.Service.Tests.Running;
using LowLatency.Service.Tls;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace LowLatency.Service.Tests.Encrypting;

/// <summary>The end of a connection over TLS, which is something to send as well.</summary>
public sealed class GoodbyeTests : IDisposable
{
    private readonly ServedOverTls _served = new();

    [Fact]
    public async Task Whoever_does_not_take_the_goodbye_is_cut_off_and_counted_once()
    {
        var errors = new List<ErrorType>();
        var encrypting = new TlsConnections(_served.Options(), Deadline.Default, goodbyeTimeout: TimeSpan.FromSeconds(0.2), errors.Add, NullLogger.Instance);
        await using var connection = new StuckConnection(await _served.AcceptAsync());
        Task serving = encrypting.Around(_ =>
        {
            connection.TakesNoMore();
            return Task.CompletedTask;
        })(connection);
        await using SslStream tls = await _served.ShakeHandsAsync();

        await serving.WaitAsync(Deadline.Default, TestContext.Current.CancellationToken);

        Assert.Equal([ErrorType.SlowReader], errors);
        Assert.True(connection.IsAborted);
    }

    public void Dispose() => _served.Dispose();

    /// <summary>A connection whose buffers to the peer are full from some moment on.</summary>
    private sealed class StuckConnection : DefaultConnectionContext
    {
        private readonly StuckStream _stream;

        internal StuckConnection(Socket socket)
        {
            _stream = new StuckStream(socket);
            Transport = new Duplex(PipeReader.Create(_stream), PipeWriter.Create(_stream));
        }

        internal bool IsAborted { get; private set; }

        internal void TakesNoMore() => _stream.Room = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override void Abort(ConnectionAbortedException abortReason)
        {
            IsAborted = true;
            _stream.Room?.SetException(new ConnectionResetException("Aborted."));
        }

        public override async ValueTask DisposeAsync()
        {
            await _stream.DisposeAsync();
            await base.DisposeAsync();
        }
    }

    private sealed class StuckStream(Socket socket) : NetworkStream(socket, ownsSocket: true)
    {
        /// <summary>What whoever sends waits for; <c>null</c> where there is room.</summary>
        internal TaskCompletionSource? Room { get; set; }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await (Room?.Task ?? Task.CompletedTask);
            await base.WriteAsync(buffer, cancellationToken);
        }
    }

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
