using System.IO.Pipelines;
using LowLatency.Transports.Tls.Internal;

namespace LowLatency.Service.Tls;

/// <summary>What a peer says, in clear text.</summary>
/// <remarks>
/// Whoever cancels a read wants what has arrived by now, and nothing later: that is known where the bytes arrive, and still encrypted there.
/// The reads go on, therefore, until all of that is decrypted, and then are completed, as at the peer's own end.
/// </remarks>
internal sealed class DecryptedInput(PipeReader clearText, TransportStream encrypted) : PipeReader
{
    public override void CancelPendingRead() => encrypted.EndBehindWhatHasArrived();

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) => clearText.ReadAsync(cancellationToken);

    public override bool TryRead(out ReadResult result) => clearText.TryRead(out result);

    public override void AdvanceTo(SequencePosition consumed) => clearText.AdvanceTo(consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => clearText.AdvanceTo(consumed, examined);

    public override void Complete(Exception? exception = null) => clearText.Complete(exception);

    public override ValueTask CompleteAsync(Exception? exception = null) => clearText.CompleteAsync(exception);
}
