using LowLatency.Client.Exchanges;

namespace LowLatency.Client;

/// <summary>Requests that go out together, and their replies, in the same order.</summary>
/// <remarks>
/// Made by <see cref="LowLatencyClient.CreateBatch"/>, and meant to be used again and again: it keeps its memory, so that a
/// batch no larger than an earlier one allocates nothing. One thread at a time.
/// </remarks>
public sealed class RequestBatch
{
    private readonly FramedRequests _requests;
    private bool _answered;

    internal RequestBatch(MessageFraming framing)
    {
        _requests = new FramedRequests(framing);
        Replies = new ReplyGathering(framing);
    }

    /// <summary>How many requests it holds.</summary>
    public int Count => _requests.Count;

    /// <summary>How many of them have been answered: all, after an exchange that did not fail.</summary>
    public int ReplyCount => Replies.Count;

    internal FramedRequests Requests => _requests;

    internal ReplyGathering Replies { get; }

    /// <summary>Adds a request, which is copied. The first one after an exchange begins a new batch.</summary>
    /// <param name="request">The payload, without its framing.</param>
    /// <exception cref="ArgumentException">It cannot be told from its neighbours: an LF within a line, or nothing without framing.</exception>
    public void Add(ReadOnlySpan<byte> request)
    {
        if (_answered)
        {
            Clear();
        }

        _requests.Add(request);
    }

    /// <summary>The reply to a request, without its framing. Valid until the batch is cleared, added to or sent again.</summary>
    /// <param name="index">The request's place in the batch, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such reply.</exception>
    public ReadOnlySpan<byte> Reply(int index) => ReplyMemory(index).Span;

    /// <summary>The same as <see cref="Reply"/>, for what is asynchronous.</summary>
    /// <param name="index">The request's place in the batch, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such reply.</exception>
    public ReadOnlyMemory<byte> ReplyMemory(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Replies.Count);
        return Replies[index];
    }

    /// <summary>Drops the requests and the replies, and keeps the memory.</summary>
    public void Clear()
    {
        _answered = false;
        _requests.Clear();
        Replies.Begin(expected: 0, maxReplyBytes: 0);
    }

    /// <summary>From here on the replies belong to these requests.</summary>
    internal void BeginReplies(int maxReplyBytes)
    {
        _answered = true;
        Replies.Begin(_requests.Count, maxReplyBytes);
    }

    /// <summary>Makes it a batch of one.</summary>
    /// <exception cref="ArgumentException">The request cannot be framed.</exception>
    internal void Set(ReadOnlySpan<byte> request)
    {
        _requests.Clear();
        _requests.Add(request);
    }
}
