using System.Net;
using System.Net.Sockets;

namespace LowLatency.Transports.BusyPoll;

/// <summary>How the busy-polled transport waits, and what its threads are.</summary>
public sealed class BusyPollTransportOptions
{
    /// <summary>What a loop does when there is nothing to do. Default: <see cref="WaitStrategy.Adaptive"/>.</summary>
    /// <remarks>
    /// Where the process has less than one CPU more than it has loops, every loop blocks, whatever is set here: a loop that
    /// spins on the only CPU keeps the application from running.
    /// </remarks>
    public WaitStrategy WaitStrategy { get; set; } = WaitStrategy.Adaptive;

    /// <summary>How long an adaptive loop looks on after the last message. Default: 100 ms.</summary>
    public TimeSpan SpinFor { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// How long a thread of the pool that waits for a connection's next message looks for it itself, where the last ones have all come
    /// as soon as that. Default: 50 us; zero for not at all.
    /// </summary>
    /// <remarks>
    /// It saves two wake-ups, the loop's and the pool thread's, and costs the pool a thread meanwhile: one for each loop at most, and
    /// none while anything else waits for one. Where the application runs on the loop, or the loop blocks, nobody looks.
    /// </remarks>
    public TimeSpan ThreadPoolSpinFor { get; set; } = TimeSpan.FromMicroseconds(50);

    /// <summary>Poll threads; connections are handed to them in turn. Default: 1.</summary>
    public int Loops { get; set; } = 1;

    /// <summary>The CPU that each loop is bound to, in the order of the loops. Default: none, the scheduler chooses.</summary>
    public IReadOnlyList<int> Cpus { get; set; } = [];

    /// <summary>SCHED_FIFO priority of the poll threads, 1 to 99. Default: 0, an ordinary thread.</summary>
    /// <remarks>Needs CAP_SYS_NICE or RLIMIT_RTPRIO. The kernel's real-time throttling takes 5 % of a spinning thread.</remarks>
    public int RealtimePriority { get; set; }

    /// <summary>
    /// Stops the start when a thread does not get the CPU or the priority it is to have. Default: <c>false</c>, which goes on
    /// with a warning.
    /// </summary>
    public bool RequireTuning { get; set; }

    /// <summary>
    /// Leaves plain IP and Unix addresses to the transport that was there before, and takes <see cref="BusyPollEndPoint"/>
    /// only. Default: <c>false</c>, which takes every address of the application.
    /// </summary>
    public bool OnlyBusyPollEndPoints { get; set; }

    /// <summary>Where the application runs on plain addresses. Default: <see cref="ApplicationScheduling.ThreadPool"/>.</summary>
    public ApplicationScheduling Scheduling { get; set; } = ApplicationScheduling.ThreadPool;

    /// <summary>Connections that may wait to be accepted; the kernel caps it at <c>net.core.somaxconn</c>. Default: 4,096.</summary>
    public int Backlog { get; set; } = 4096;

    /// <summary>Bytes that one receive takes at most, and that a connection with unread bytes holds. Default: 16 KiB.</summary>
    public int ReceiveBytes { get; set; } = 16 * 1024;

    /// <summary>
    /// How long a TCP peer may leave bytes or keep-alive probes unanswered, in whole seconds (rounded up), until its connection fails.
    /// Default: 2 min; <c>null</c> for keep-alive by the kernel's times, which are hours.
    /// </summary>
    /// <remarks>
    /// Only this ends a connection whose peer's machine or network has gone without a word, and frees its slot. Shorter notices sooner,
    /// and gives up peers that a longer outage of the network would have brought back. A peer that is alive but reads nothing
    /// for that long, while bytes wait for it, is given up as well: the kernel's TCP_USER_TIMEOUT does not tell the two apart. Unix sockets and shared
    /// memory learn of their peer's end at once, and have no use for it.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">It is not above zero, or above 24 days.</exception>
    public TimeSpan? VanishedPeerTimeout { get; set => field = VanishedPeers.Allowed(value, nameof(VanishedPeerTimeout)); } = VanishedPeers.DefaultTimeout;

    /// <summary>
    /// How long, in all, a connection that the application has ended waits for its peer to take what was sent last; it is reset then. Also
    /// over shared memory. Default: 2 min; <c>null</c> for as long as the peer likes.
    /// </summary>
    /// <remarks>Only replies that the application flushed and did not wait for can be left over: who awaits each flush has its own limits.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">It is not above zero, or above 24 days.</exception>
    public TimeSpan? LastReplyTimeout { get; set => field = VanishedPeers.Allowed(value, nameof(LastReplyTimeout)); } = VanishedPeers.DefaultTimeout;

    internal bool CanBind(EndPoint endpoint)
        => endpoint is BusyPollEndPoint || (!OnlyBusyPollEndPoints && endpoint is IPEndPoint or UnixDomainSocketEndPoint);
}
