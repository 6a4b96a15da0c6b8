using System.Runtime.CompilerServices;
using LowLatency.Client.Connecting;
using LowLatency.Client.Exchanges;
using LowLatency.Transports;
using LowLatency.Transports.PipeEnds;
using Microsoft.AspNetCore.Connections;

namespace LowLatency.Client;

/// <summary>Asks a server and gets its replies, over whichever transport the URL names.</summary>
/// <remarks>
/// <para>
/// Two ways to wait. <see cref="Ask"/> and <see cref="AskMany"/> send and look for the replies on the caller's own thread: the
/// least latency, and its CPU is taken meanwhile (<see cref="LowLatencyClientOptions.SpinFor"/>). <see cref="AskAsync"/> and
/// <see cref="AskManyAsync"/> leave that to a poll loop, and the thread is free. Both on one client work, but the
/// loop then wakes up for the spinning ones as well: better one client for each.
/// </para>
/// <para>
/// Where there is no spinning (TLS, one CPU, another system than Linux, a connection factory of your own), <see cref="Ask"/> waits
/// for the asynchronous way to come to its end, as it does to connect anew: not on a poll loop's own thread.
/// </para>
/// <para>
/// One thread at a time: a second one gets an <see cref="InvalidOperationException"/>, and the first is not disturbed. Whatever
/// fails between the first byte of a request and the last of its reply ends the connection.
/// </para>
/// </remarks>
public sealed class LowLatencyClient : IAsyncDisposable, IDisposable
{
    private static readonly TimeSpan DisposalPoll = TimeSpan.FromMilliseconds(1);

    private readonly Target _target;
    private readonly LowLatencyClientOptions _options;
    private readonly AskDeadline _deadline;
    private readonly RequestBatch _single;
    private ConnectionContext? _connection;

    // The connection without its pipes, where the transport has that.
    private IDirectExchange? _direct;
    private bool _unasked;
    private int _inUse;
    private int _disposed;

    private LowLatencyClient(Target target, LowLatencyClientOptions options)
    {
        _target = target;
        _options = options;
        _deadline = new AskDeadline(options.AskTimeout);
        _single = new RequestBatch(options.Framing);
    }

    // Where the peer may need the only CPU to answer, looking for the reply keeps it from doing so. The count is the process's:
    // a caller may well have bound its own thread to one.
    private static bool CanSpin { get; } = Environment.ProcessorCount >= 2;

    /// <summary>Connects to an endpoint.</summary>
    /// <param name="url">For example <c>tcp://127.0.0.1:8080</c>, <c>tls://127.0.0.1:8443</c>, <c>unix:///tmp/lowlatency/unix.sock</c> or <c>shm:///tmp/lowlatency/shm.sock</c>.</param>
    /// <param name="options">Default: the defaults of the type.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ArgumentException">It is no endpoint URL, or one of clear text with <see cref="LowLatencyClientOptions.Tls"/> set.</exception>
    /// <exception cref="LowLatencyClientException">The connect failed, or the handshake of TLS.</exception>
    /// <exception cref="System.Security.Cryptography.CryptographicException">The client's certificate has no private key.</exception>
    /// <exception cref="TimeoutException">It took longer than <see cref="LowLatencyClientOptions.ConnectTimeout"/>.</exception>
    /// <exception cref="PlatformNotSupportedException">Shared memory, and this is not Linux.</exception>
    public static ValueTask<LowLatencyClient> ConnectAsync(
        string url, LowLatencyClientOptions? options = null, CancellationToken cancellationToken = default)
        => ConnectAsync(Target.Parse(url), options, cancellationToken);

    /// <inheritdoc cref="ConnectAsync(string, LowLatencyClientOptions?, CancellationToken)"/>
    public static async ValueTask<LowLatencyClient> ConnectAsync(
        EndpointUrl url, LowLatencyClientOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(url);
        options ??= new LowLatencyClientOptions();
        var client = new LowLatencyClient(new Target(url, options.ConnectionFactory, options.Tls), options);
        await client.OpenAsync(cancellationToken);
        return client;
    }

    /// <summary>Sends a request and looks for its reply on the caller's thread. Allocates nothing.</summary>
    /// <param name="request">The payload, without its framing.</param>
    /// <param name="reply">Where the reply's payload goes.</param>
    /// <returns>The reply's length, in bytes.</returns>
    /// <exception cref="ArgumentException">The request cannot be framed; the connection goes on.</exception>
    /// <exception cref="LowLatencyClientException">It was not answered, or the reply is longer than <paramref name="reply"/>.</exception>
    /// <exception cref="TimeoutException">It was not answered within <see cref="LowLatencyClientOptions.AskTimeout"/>.</exception>
    /// <exception cref="InvalidOperationException">Another thread is asking.</exception>
    public int Ask(ReadOnlySpan<byte> request, Span<byte> reply)
    {
        Enter();
        try
        {
            _single.Set(request);
            Prepare();
            Exchange(_single, reply.Length);
            return CopyReply(reply);
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Sends the requests of a batch together and looks for the replies on the caller's thread. Allocates nothing.</summary>
    /// <remarks>
    /// One flush for all of them, and replies are taken in while requests still go out: a batch may be larger than what the
    /// connection holds. After a failure, <see cref="RequestBatch.ReplyCount"/> tells how many had been answered.
    /// </remarks>
    /// <param name="batch">Requests, which get their replies. Made by <see cref="CreateBatch"/> of a client with the same framing.</param>
    /// <exception cref="ArgumentException">The batch is for another framing.</exception>
    /// <exception cref="NotSupportedException">There is no framing, and the transport keeps no boundaries.</exception>
    /// <exception cref="LowLatencyClientException">Not all were answered, or a reply is longer than <see cref="LowLatencyClientOptions.MaxReplyBytes"/>.</exception>
    /// <exception cref="TimeoutException">Not all were answered within <see cref="LowLatencyClientOptions.AskTimeout"/>.</exception>
    /// <exception cref="InvalidOperationException">Another thread is asking.</exception>
    public void AskMany(RequestBatch batch)
    {
        ThrowIfUnfit(batch);
        Enter();
        try
        {
            if (batch.Count == 0)
            {
                return;
            }

            Prepare();
            ThrowIfUnpipelined(batch);
            Exchange(batch, _options.MaxReplyBytes);
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Sends a request and awaits its reply over the connection's pipes.</summary>
    /// <remarks>What awaits it goes on where the factory's loops let it: by default on the thread pool.</remarks>
    /// <param name="request">The payload, without its framing.</param>
    /// <param name="reply">Where the reply's payload goes.</param>
    /// <param name="cancellationToken">Gives up, which ends the connection.</param>
    /// <returns>The reply's length, in bytes.</returns>
    /// <exception cref="ArgumentException">The request cannot be framed; the connection goes on.</exception>
    /// <exception cref="LowLatencyClientException">It was not answered, or the reply is longer than <paramref name="reply"/>.</exception>
    /// <exception cref="TimeoutException">It was not answered within <see cref="LowLatencyClientOptions.AskTimeout"/>.</exception>
    /// <exception cref="InvalidOperationException">Another thread is asking.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<int> AskAsync(ReadOnlyMemory<byte> request, Memory<byte> reply, CancellationToken cancellationToken = default)
    {
        Enter();
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            _single.Set(request.Span);
            if (NeedsConnection())
            {
                await OpenAsync(cancellationToken);
            }

            await ExchangeAsync(_single, reply.Length, cancellationToken);
            return CopyReply(reply.Span);
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Sends the requests of a batch together and awaits the replies over the connection's pipes.</summary>
    /// <param name="batch">Requests, which get their replies; not to be touched meanwhile.</param>
    /// <param name="cancellationToken">Gives up, which ends the connection.</param>
    /// <inheritdoc cref="AskMany"/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask AskManyAsync(RequestBatch batch, CancellationToken cancellationToken = default)
    {
        ThrowIfUnfit(batch);
        Enter();
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (batch.Count == 0)
            {
                return;
            }

            if (NeedsConnection())
            {
                await OpenAsync(cancellationToken);
            }

            ThrowIfUnpipelined(batch);
            await ExchangeAsync(batch, _options.MaxReplyBytes, cancellationToken);
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Makes an empty batch for this client's framing.</summary>
    public RequestBatch CreateBatch() => new(_options.Framing);

    /// <summary>Closes the connection. Whoever is asking at the moment gets an <see cref="ObjectDisposedException"/>. Any thread.</summary>
    public void Dispose()
    {
        if (BeginDisposal())
        {
            while (!TryTakeOver())
            {
                Thread.Sleep(DisposalPoll);
            }

            _ = CloseAsync().AsTask();
        }
    }

    /// <summary>Closes the connection. Whoever is asking at the moment gets an <see cref="ObjectDisposedException"/>. Any thread.</summary>
    public async ValueTask DisposeAsync()
    {
        if (BeginDisposal())
        {
            while (!TryTakeOver())
            {
                await Task.Delay(DisposalPoll);
            }

            await CloseAsync();
        }
    }

    // ---- One at a time ----

    private void Enter()
    {
        if (Interlocked.CompareExchange(ref _inUse, 1, 0) != 0)
        {
            ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, this);
            throw new InvalidOperationException("Another request is under way on this client: one thread at a time, or a client for each.");
        }

        if (Volatile.Read(ref _disposed) != 0)
        {
            Leave();
            throw new ObjectDisposedException(nameof(LowLatencyClient));
        }
    }

    private void Leave() => Volatile.Write(ref _inUse, 0);

    private bool BeginDisposal() => Interlocked.Exchange(ref _disposed, 1) == 0;

    /// <summary>Makes the client the disposer's own, for good; until then, whoever is asking finds the connection cut.</summary>
    private bool TryTakeOver()
    {
        if (Interlocked.CompareExchange(ref _inUse, 1, 0) == 0)
        {
            return true;
        }

        Volatile.Read(ref _connection)?.Abort();
        return false;
    }

    private ValueTask CloseAsync()
    {
        _deadline.Dispose();
        ConnectionContext? connection = _connection;
        _connection = null;
        return connection?.DisposeAsync() ?? default;
    }

    // ---- The connection ----

    private async ValueTask OpenAsync(CancellationToken cancellationToken)
    {
        ConnectionContext connection = await _target.ConnectAsync(_options.ConnectTimeout, cancellationToken);
        _direct = connection.Features.Get<IDirectExchange>();
        _unasked = false;
        Volatile.Write(ref _connection, connection);
    }

    private void Prepare()
    {
        if (NeedsConnection())
        {
            Wait(OpenAsync(CancellationToken.None));
        }
    }

    /// <summary>Before anything is sent: the last moment when a connection that has ended costs nothing but a new one.</summary>
    /// <returns>Whether a new connection is to be made first.</returns>
    private bool NeedsConnection()
    {
        if (_connection is null)
        {
            return _options.Reconnect ? true : throw _target.NotConnected();
        }

        ExchangeOutcome found = _unasked ? ExchangeOutcome.Unasked : _options.LookBeforeAsking ? LookForTrouble() : ExchangeOutcome.Done;
        if (found == ExchangeOutcome.Done)
        {
            return false;
        }

        Exception failure = End(found, maxReplyBytes: 0);
        return _options.Reconnect && found != ExchangeOutcome.Unasked ? true : throw failure;
    }

    /// <summary>Looks at a connection that nobody is asking over. One that has ended is found so by every look.</summary>
    internal ExchangeOutcome LookForTrouble()
        => CanSpin && _direct is IDirectExchange direct
            ? SpinningExchange.LookForTrouble(direct)
            : PipedExchange.LookForTrouble(_connection!.Transport.Input);

    /// <summary>Ends a connection that is out of step, or has ended already.</summary>
    /// <returns>What to throw.</returns>
    private Exception End(ExchangeOutcome outcome, int maxReplyBytes)
    {
        ConnectionContext connection = _connection!;
        _direct = null;
        Volatile.Write(ref _connection, null);
        connection.Abort();
        _ = connection.DisposeAsync().AsTask();
        return Volatile.Read(ref _disposed) != 0
            ? new ObjectDisposedException(nameof(LowLatencyClient))
            : _target.Failure(outcome, _options.AskTimeout, maxReplyBytes);
    }

    // ---- The exchange ----

    private void Exchange(RequestBatch batch, int maxReplyBytes)
    {
        if (!CanSpin || _direct is not IDirectExchange direct)
        {
            Wait(ExchangeAsync(batch, maxReplyBytes, CancellationToken.None));
            return;
        }

        // Where the transport keeps messages, and nothing else does, each request is a message. Otherwise one send takes them all.
        ReadOnlySpan<byte> bytes = batch.Requests.Bytes.Span;
        ReadOnlySpan<int> ends = _options.Framing == MessageFraming.None ? batch.Requests.Ends.Span : [bytes.Length];
        batch.BeginReplies(maxReplyBytes);
        var patience = new Patience(_options.SpinFor, _options.AskTimeout);
        ExchangeOutcome outcome = SpinningExchange.Run(direct, new OutgoingMessages(bytes, ends), batch.Replies, patience);
        if (outcome != ExchangeOutcome.Done)
        {
            throw End(outcome, maxReplyBytes);
        }

        _unasked = batch.Replies.HasSurplus;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask ExchangeAsync(RequestBatch batch, int maxReplyBytes, CancellationToken cancellationToken)
    {
        batch.BeginReplies(maxReplyBytes);
        ExchangeOutcome outcome;
        CancellationToken deadline = _deadline.Begin(cancellationToken);
        try
        {
            outcome = await PipedExchange.RunAsync(_connection!, _direct, batch.Requests, batch.Replies, deadline);
        }
        finally
        {
            _deadline.End();
        }

        if (outcome != ExchangeOutcome.Done)
        {
            Exception failure = End(outcome, maxReplyBytes);
            cancellationToken.ThrowIfCancellationRequested();
            throw failure;
        }

        _unasked = batch.Replies.HasSurplus;
    }

    private int CopyReply(Span<byte> reply)
    {
        ReadOnlySpan<byte> payload = _single.Replies[0].Span;
        payload.CopyTo(reply);
        return payload.Length;
    }

    private void ThrowIfUnfit(RequestBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        if (batch.Requests.Framing != _options.Framing)
        {
            throw new ArgumentException("The batch was made for another framing.", nameof(batch));
        }
    }

    private void ThrowIfUnpipelined(RequestBatch batch)
    {
        if (_options.Framing == MessageFraming.None && batch.Count > 1 && _direct is not { KeepsMessages: true })
        {
            throw _target.NotPipelined();
        }
    }

    // Only where there is no other way to wait. A value task may be asked for its result only once it has one.
    private static void Wait(ValueTask pending)
    {
        if (pending.IsCompleted)
        {
            pending.GetAwaiter().GetResult();
        }
        else
        {
            pending.AsTask().GetAwaiter().GetResult();
        }
    }
}
