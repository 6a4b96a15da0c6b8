using LowLatency.LoadTest.Measurement;

namespace LowLatency.LoadTest.Workloads;

/// <summary>Each connection makes one request after the other, over a connection that lasts or over a new one each time.</summary>
internal sealed class ClosedLoopWorker(WorkerPlan plan) : Worker(plan, parts => new ClientConnection(parts))
{
    private readonly bool _closesAfterReply = plan.Workload.Mode == WorkloadMode.PerConnection;

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
            BeginNext(TakeFree(), now);
        }
    }

    private void BeginNext(ConnectionSlot slot, long now)
    {
        bool isMeasured = now >= Schedule.MeasureFrom;
        if (!MayBegin(now) || (isMeasured && TakeRequests(1) == 0))
        {
            return;
        }

        slot.IsMeasured = isMeasured;
        TallyOf(isMeasured).Counts.Begin();
        HasBegun(slot);
        Follow(slot, ((ClientConnection)slot.Connection).Begin());
    }

    protected override void Follow(ConnectionSlot slot, Outcome? outcome)
    {
        switch (outcome)
        {
            case null:
                return;

            case Outcome.Ok:
                var connection = (ClientConnection)slot.Connection;
                long receivedAt = connection.ReceivedAt;
                slot.Replies += slot.IsMeasured ? 1 : 0;
                HasEnded(slot);
                if (_closesAfterReply)
                {
                    TallyOf(slot.IsMeasured).SucceededOnItsOwn(connection.StartedAt, connection.SentAt, connection.FirstReceivedAt, receivedAt);
                    connection.Close();
                }
                else
                {
                    TallyOf(slot.IsMeasured).Succeeded(connection.StartedAt, receivedAt);
                }

                HasConnected(slot);
                BeginNext(slot, receivedAt);
                return;

            case Outcome failure:
                Fail(slot, failure, Clock.GetTimestamp());
                return;
        }
    }

    protected override void CountFailure(ConnectionSlot slot, Outcome failure, long now)
        => TallyOf(slot.IsMeasured).Failed(failure, slot.Connection.Reason, now);
}
