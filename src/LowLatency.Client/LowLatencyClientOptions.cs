using LowLatency.Transports.BusyPoll;
using LowLatency.Transports.Tls;
using Microsoft.AspNetCore.Connections;

namespace LowLatency.Client;

/// <summary>How a <see cref="LowLatencyClient"/> tells messages apart, waits and gives up.</summary>
public sealed record LowLatencyClientOptions
{
    /// <summary>How messages are told apart. Default: <see cref="MessageFraming.None"/>.</summary>
    public MessageFraming Framing { get; init; } = MessageFraming.None;

    /// <summary>How long a connect may take, with the handshake of TLS where there is one. Default: 5 s; <see cref="Timeout.InfiniteTimeSpan"/> for as long as it likes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not above zero, or above 24 days.</exception>
    public TimeSpan ConnectTimeout { get; init => field = Allowed(value, nameof(ConnectTimeout)); } = TimeSpan.FromSeconds(5);

    /// <summary>How long a request, or a whole batch, may take to be answered. Default: 5 s; <see cref="Timeout.InfiniteTimeSpan"/> for ever.</summary>
    /// <remarks>
    /// A connection that is made anew comes before it, and has <see cref="ConnectTimeout"/> of its own.
    /// The connection ends with it: a reply that comes later would be taken for the next one's. Whoever looks for the reply
    /// itself keeps to it within a millisecond or two, to save the clock.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">It is not above zero, or above 24 days.</exception>
    public TimeSpan AskTimeout { get; init => field = Allowed(value, nameof(AskTimeout)); } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long <see cref="LowLatencyClient.Ask"/> looks for a reply without pause. Default: 100 ms;
    /// <see cref="Timeout.InfiniteTimeSpan"/> until the reply is there.
    /// </summary>
    /// <remarks>It takes the caller's CPU for that time. After it, it looks once a millisecond, and the CPU is free.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public TimeSpan SpinFor
    {
        get;
        init
        {
            if (value != Timeout.InfiniteTimeSpan)
            {
                ArgumentOutOfRangeException.ThrowIfLessThan(value, TimeSpan.Zero, nameof(SpinFor));
            }

            field = value;
        }
    }
        = TimeSpan.FromMilliseconds(100);

    /// <summary>Connects anew, in the next request, when the connection has ended. Default: <c>false</c>, which fails every later request.</summary>
    /// <remarks>Nothing is ever sent twice: a request that failed may have been executed, and only its sender knows what that means.</remarks>
    public bool Reconnect { get; init; }

    /// <summary>Looks, before a request is sent, whether the peer has ended the connection or sent what nobody asked for. Default: <c>true</c>.</summary>
    /// <remarks>
    /// One receive in vain: a few nanoseconds in shared memory, a system call on a socket (some 0.2 us). For that, a stray
    /// reply is an error and not the next request's answer, and a connection that was closed while it was idle is renewed
    /// (<see cref="Reconnect"/>) before anything is sent.
    /// </remarks>
    public bool LookBeforeAsking { get; init; } = true;

    /// <summary>The longest reply in a batch, in bytes, without its framing. Default: 16 MiB.</summary>
    /// <remarks>A single request's limit is the room that it gives to its reply.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">It is not above zero.</exception>
    public int MaxReplyBytes
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value, nameof(MaxReplyBytes));
            field = value;
        }
    }
        = 16 * 1024 * 1024;

    /// <summary>Connects. Default: <c>null</c>, which is <see cref="LowLatencyConnectionFactory.Shared"/>.</summary>
    /// <remarks>
    /// It owns the threads that <see cref="LowLatencyClient.AskAsync"/> waits on: make one with the <see cref="BusyPollTransportOptions"/>
    /// that you want, and give it to all clients. The client does not dispose of it.
    /// </remarks>
    public IConnectionFactory? ConnectionFactory { get; init; }

    /// <summary>Whom to trust and what to show where the URL is <c>tls://</c>. Default: <c>null</c>, the defaults of the type.</summary>
    /// <remarks>With any other URL, connecting fails: whoever sets this does not expect clear text.</remarks>
    public ClientTlsOptions? Tls { get; init; }

    private static TimeSpan Allowed(TimeSpan value, string name)
    {
        if (value != Timeout.InfiniteTimeSpan)
        {
            // A timer takes no more.
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(value, TimeSpan.Zero, name);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value.TotalMilliseconds, int.MaxValue, name);
        }

        return value;
    }
}
