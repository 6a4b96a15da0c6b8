using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using LowLatency.Transports.PipeEnds;
using Microsoft.AspNetCore.Connections;

namespace LowLatency.Client.Exchanges;

/// <summary>Sends and receives over a connection's pipes, whatever the transport, while the caller's thread does something else.</summary>
internal static class PipedExchange
{
    /// <summary>Sends everything and receives until every reply is there.</summary>
    /// <param name="connection">Nothing is pending on its pipes, and nothing buffered in them.</param>
    /// <param name="boundaries">Tells where messages end, if the transport keeps them.</param>
    /// <param name="requests">What to send.</param>
    /// <param name="replies">Where the replies go.</param>
    /// <param name="deadline">Ends it; the caller knows whether that is a timeout or a cancellation.</param>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    internal static async ValueTask<ExchangeOutcome> RunAsync(
        ConnectionContext connection, IDirectExchange? boundaries, FramedRequests requests, ReplyGathering replies, CancellationToken deadline)
    {
        // What does not fit goes out while the replies come in, as in the spinning exchange.
        Task sending = SendAsync(connection.Transport.Output, boundaries, requests, deadline);
        try
        {
            ExchangeOutcome outcome = await ReceiveAsync(connection.Transport.Input, boundaries, requests.Framing, replies, deadline);
            if (outcome == ExchangeOutcome.Done)
            {
                await sending;
            }

            return outcome;
        }
        catch (ConnectionAbortedException)
        {
            return ExchangeOutcome.Reset;
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            return ExchangeOutcome.TimedOut;
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException)
        {
            return ExchangeOutcome.Reset;
        }
        finally
        {
            if (!sending.IsCompletedSuccessfully)
            {
                // The exchange has failed. Nothing may be pending on the pipe when its owner closes it.
                connection.Abort();
                await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>Looks for what should not be there: the end, or something that nobody asked for.</summary>
    internal static ExchangeOutcome LookForTrouble(PipeReader input)
    {
        try
        {
            if (!input.TryRead(out ReadResult read))
            {
                return ExchangeOutcome.Done;
            }

            bool ended = read.Buffer.IsEmpty && read.IsCompleted;
            input.AdvanceTo(read.Buffer.End);
            return ended ? ExchangeOutcome.ClosedByPeer : ExchangeOutcome.Unasked;
        }
        catch (Exception exception) when (exception is IOException or ConnectionAbortedException or InvalidDataException)
        {
            return ExchangeOutcome.Reset;
        }
    }

    private static async Task SendAsync(PipeWriter output, IDirectExchange? boundaries, FramedRequests requests, CancellationToken deadline)
    {
        if (boundaries is { KeepsMessages: true } && requests.Framing == MessageFraming.None)
        {
            int start = 0;
            for (int index = 0; index < requests.Count; index++)
            {
                int end = requests.Ends.Span[index];
                await output.WriteAsync(requests.Bytes[start..end], deadline);
                start = end;
            }
        }
        else
        {
            // Why a write came to nothing, the read behind it tells.
            await output.WriteAsync(requests.Bytes, deadline);
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private static async ValueTask<ExchangeOutcome> ReceiveAsync(
        PipeReader input, IDirectExchange? boundaries, MessageFraming framing, ReplyGathering replies, CancellationToken deadline)
    {
        while (true)
        {
            ReadResult read = await input.ReadAsync(deadline);
            if (!Take(input, in read, replies))
            {
                return ExchangeOutcome.ClosedByPeer;
            }

            bool messageEnds = boundaries is not { KeepsMessages: true } || !boundaries.MessageGoesOn;
            if (framing == MessageFraming.None && boundaries is not { KeepsMessages: true })
            {
                TakeWhatElseIsThere(input, replies);
            }

            if (!replies.TryCut(messageEnds))
            {
                return ExchangeOutcome.ReplyTooLong;
            }

            if (replies.IsComplete)
            {
                return ExchangeOutcome.Done;
            }
        }
    }

    // Without boundaries, what has arrived by now counts as one arrival, in however many pieces it was received.
    private static void TakeWhatElseIsThere(PipeReader input, ReplyGathering replies)
    {
        while (replies.TryCut(messageEnds: false) && input.TryRead(out ReadResult more) && Take(input, in more, replies))
        {
        }
    }

    /// <returns>Whether it was something, and not the end.</returns>
    private static bool Take(PipeReader input, in ReadResult read, ReplyGathering replies)
    {
        bool ended = read.IsCompleted && read.Buffer.IsEmpty;
        replies.Append(read.Buffer);
        input.AdvanceTo(read.Buffer.End);
        return !ended;
    }
}
