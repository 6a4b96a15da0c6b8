using System.IO.Pipelines;
using System.Net.Security;
using System.Net.Sockets;
using LowLatency.Service.Tests.Running;
using LowLatency.Service.Tls;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace LowLatency.Service.Tests.Encrypting;

/// <summary>A connection over TLS that is asked to leave.</summary>
public sealed class LeavingTests : IDisposable
{
    private readonly ServedOverTls _served = new();

    [Fact]
    public async Task What_has_arrived_and_is_not_decrypted_yet_is_answered_before_the_end()
    {
        var encrypting = new TlsConnections(_served.Options(), Deadline.Default, Deadline.Default, failed: null, NullLogger.Instance);
        using var handler = new ResponderConnectionHandler(new FixedResponder("respuesta"u8.ToArray()), new ResponderOptions());
        await using var connection = new LateConnection(await _served.AcceptAsync());
        Task serving = encrypting.Around(handler.OnConnectedAsync)(connection);
        await using SslStream tls = await _served.ShakeHandsAsync();
        byte[] reply = new byte[9];
        await tls.WriteAsync("hola"u8.ToArray(), TestContext.Current.CancellationToken);
        await tls.ReadExactlyAsync(reply, TestContext.Current.CancellationToken);

        connection.IsLate = true;
        await tls.WriteAsync("hola"u8.ToArray(), TestContext.Current.CancellationToken);
        await connection.HasArrived.WaitAsync(Deadline.Default, TestContext.Current.CancellationToken);
        connection.RequestClose();
        connection.IsLate = false;

        await tls.ReadExactlyAsync(reply, TestContext.Current.CancellationToken);
        Assert.Equal("respuesta"u8, reply);
        Assert.Equal(0, await tls.ReadAsync(reply, TestContext.Current.CancellationToken));
        await serving.WaitAsync(Deadline.Default, TestContext.Current.CancellationToken);
    }

    public void Dispose() => _served.Dispose();

    /// <summary>A connection whose reader can be told late of what has arrived.</summary>
    private sealed class LateConnection : DefaultConnectionContext, IConnectionLifetimeNotificationFeature
    {
        private readonly LateScheduler _scheduler = new();
        private readonly Pipe _arriving;
        private readonly NetworkStream _stream;
        private readonly CancellationTokenSource _closing = new();
        private readonly TaskCompletionSource _hasArrived = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal LateConnection(Socket socket)
        {
            _stream = new NetworkStream(socket, ownsSocket: true);
            _arriving = new Pipe(new PipeOptions(readerScheduler: _scheduler, useSynchronizationContext: false));
            Transport = new Duplex(_arriving.Reader, PipeWriter.Create(_stream));
            _ = ReceiveAsync();
            Features.Set<IConnectionLifetimeNotificationFeature>(this);
        }

        public CancellationToken ConnectionClosedRequested { get => _closing.Token; set => throw new NotSupportedException(); }

        internal bool IsLate { set => _scheduler.IsLate = value; }

        /// <summary>Something has arrived while it is told late.</summary>
        internal Task HasArrived => _hasArrived.Task;

        public void RequestClose() => _closing.Cancel();

        public override async ValueTask DisposeAsync()
        {
            await _stream.DisposeAsync();
            _closing.Dispose();
            await base.DisposeAsync();
        }

        private async Task ReceiveAsync()
        {
            int count;
            while ((count = await _stream.ReadAsync(_arriving.Writer.GetMemory())) > 0)
            {
                _arriving.Writer.Advance(count);
                await _arriving.Writer.FlushAsync();
                if (_scheduler.IsLate)
                {
                    _hasArrived.TrySetResult();
                }
            }

            await _arriving.Writer.CompleteAsync();
        }
    }

    private sealed class LateScheduler : PipeScheduler
    {
        private readonly Lock _lock = new();
        private Action? _owed;
        private bool _isLate;

        internal bool IsLate
        {
            get
            {
                lock (_lock)
                {
                    return _isLate;
                }
            }

            set
            {
                Action? owed;
                lock (_lock)
                {
                    _isLate = value;
                    (owed, _owed) = (_owed, null);
                }

                owed?.Invoke();
            }
        }

        public override void Schedule(Action<object?> action, object? state)
        {
            lock (_lock)
            {
                if (_isLate)
                {
                    _owed += () => action(state);
                    return;
                }
            }

            action(state);
        }
    }

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
