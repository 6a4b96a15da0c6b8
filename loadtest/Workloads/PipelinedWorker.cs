using LowLatency.LoadTest.Measurement;

namespace LowLatency.LoadTest.Workloads;

/// <summary>Keeps a number of requests under way on each connection: what has been answered is made up for by one batch.</summary>
/// <remarks>The latency of a request counts from the send of its batch.</remarks>
internal sealed class PipelinedWorker(WorkerPlan plan) : Worker(plan, parts => new PipelinedConnection(parts, plan.Workload.Pipeline))
{
    private readonly int _pipeline = plan.Workload.Pipeline;

    // A connection that finds nothing to begin leaves the queue: the run ends when the last one has.
    protected override bool HasMore(int idle) => idle > 0;

    protected override bool IsOver(long now) => !MayBegin(now);

    protected override void BeginDue()
    {
        int count = Free;
        if (count == 0)
        {
            return;
        }

        long now = Clock.GetTimestamp();
        for (int i = 0; i < count; i++)
        {
            Refill(TakeFree(), now);
        }
    }

    private void Refill(ConnectionSlot slot, long now)
    {
        var connection = (PipelinedConnection)slot.Connection;
        int room = _pipeline - connection.Requests;
        bool isMeasured = now >= Schedule.MeasureFrom;
        int count = !MayBegin(now) ? 0 : isMeasured ? TakeRequests(room) : room;
        if (count > 0)
        {
            TallyOf(isMeasured).Counts.Begin(count);
            if (!slot.IsUnderWay)
            {
                HasBegun(slot);
            }

            Follow(slot, connection.Begin(count, isMeasured));
        }
        else if (connection.Requests == 0 && slot.IsUnderWay)
        {
            HasEnded(slot);
        }
    }

    protected override void Follow(ConnectionSlot slot, Outcome? outcome)
    {
        var connection = (PipelinedConnection)slot.Connection;
        bool hasReplies = connection.Replies > 0;
        while (connection.Replies > 0)
        {
            RequestBatch answered = connection.TakeReplies();
            Tally tally = TallyOf(answered.IsMeasured);
            for (int i = 0; i < answered.Count; i++)
            {
                tally.Succeeded(answered.SentAt, connection.ReceivedAt);
            }
        }

        if (outcome is Outcome failure)
        {
            Fail(slot, failure, Clock.GetTimestamp());
        }
        else if (hasReplies)
        {
            HasConnected(slot);
            Refill(slot, connection.ReceivedAt);
        }
    }

    protected override void CountFailure(ConnectionSlot slot, Outcome failure, long now)
    {
        var connection = (PipelinedConnection)slot.Connection;
        for (bool isOldest = true; connection.Requests > 0; isOldest = false)
        {
            RequestBatch unanswered = connection.TakeUnanswered(isOldest ? 1 : int.MaxValue);
            Outcome outcome = isOldest ? failure : connection.OutcomeOfTheRest(failure);
            for (int i = 0; i < unanswered.Count; i++)
            {
                TallyOf(unanswered.IsMeasured).Failed(outcome, connection.Reason, now);
            }
        }
    }
}
