using LowLatency.Linux;
using LowLatency.Transports.PipeEnds;

namespace LowLatency.Client.Exchanges;

/// <summary>Sends, and looks for the replies, on the caller's thread: the hot path of the client.</summary>
internal static class SpinningExchange
{
    /// <summary>Sends everything and receives until every reply is there.</summary>
    /// <remarks>By turns: a peer that answers while it is being sent to must not wait for us to read while we wait for it to.</remarks>
    internal static ExchangeOutcome Run(IDirectExchange channel, OutgoingMessages requests, ReplyGathering replies, Patience patience)
    {
        bool filled = false;
        bool allSent = false;
        while (patience.Lasts())
        {
            if (!allSent)
            {
                if (Send(channel, ref requests, ref patience) is not ExchangeOutcome.Done and var failure)
                {
                    return failure;
                }

                allSent = requests.AllSent;
            }

            Span<byte> room = replies.Room();
            IoResult received = channel.Receive(room);
            if (received.WouldBlock)
            {
                if (!filled)
                {
                    continue;
                }

                // A receive that had filled the room just happened to be of that size.
                filled = false;
            }
            else if (!received.Succeeded)
            {
                return FailureOf(received);
            }
            else if (received.Count == 0)
            {
                return ExchangeOutcome.ClosedByPeer;
            }
            else
            {
                patience.Progressed();
                replies.Added(received.Count);
                filled = !channel.KeepsMessages && received.Count == room.Length;
            }

            if (!replies.TryCut(messageEnds: channel.KeepsMessages ? !channel.MessageGoesOn : !filled))
            {
                return ExchangeOutcome.ReplyTooLong;
            }

            if (replies.IsComplete)
            {
                // A peer may answer before it has read everything; what it has not read belongs to this request all the same.
                return allSent ? ExchangeOutcome.Done : SendRest(channel, requests, patience);
            }
        }

        return ExchangeOutcome.TimedOut;
    }

    private static ExchangeOutcome SendRest(IDirectExchange channel, OutgoingMessages requests, Patience patience)
    {
        while (patience.Lasts())
        {
            ExchangeOutcome outcome = Send(channel, ref requests, ref patience);
            if (outcome != ExchangeOutcome.Done || requests.AllSent)
            {
                return outcome;
            }
        }

        return ExchangeOutcome.TimedOut;
    }

    /// <summary>Looks for what should not be there: the end, or something that nobody asked for.</summary>
    internal static ExchangeOutcome LookForTrouble(IDirectExchange channel)
    {
        Span<byte> scratch = stackalloc byte[16];
        IoResult received = channel.Receive(scratch);
        return received switch
        {
            { WouldBlock: true } => ExchangeOutcome.Done,
            { Succeeded: false } => FailureOf(received),
            { Count: 0 } => ExchangeOutcome.ClosedByPeer,
            _ => ExchangeOutcome.Unasked,
        };
    }

    /// <summary>Sends what fits now.</summary>
    private static ExchangeOutcome Send(IDirectExchange channel, ref OutgoingMessages requests, ref Patience patience)
    {
        bool sentSome = false;
        while (!requests.AllSent)
        {
            IoResult sent = channel.Send(requests.Next);
            if (!sent.Succeeded)
            {
                if (!sent.WouldBlock)
                {
                    return FailureOf(sent);
                }

                break;
            }

            sentSome = true;
            requests.Sent(sent.Count);
        }

        if (sentSome)
        {
            patience.Progressed();

            // Also where not everything fitted: a peer that sleeps over a full ring makes no room.
            channel.Flushed();
        }

        return ExchangeOutcome.Done;
    }

    private static ExchangeOutcome FailureOf(IoResult result)
        => result.Error == Errno.BrokenPipe ? ExchangeOutcome.ClosedByPeer : ExchangeOutcome.Reset;
}
