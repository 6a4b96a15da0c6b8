namespace LowLatency.Transports.PipeEnds;

/// <summary>Whether a connection holds back the beginning of a message.</summary>
/// <remarks>
/// A feature of connections that keep messages apart, which is those over shared memory: a message is read when all of it is there,
/// so a peer that has begun one and does not go on is told from a silent one by this only.
/// </remarks>
public interface IPartialMessageFeature
{
    /// <summary>The beginning of a message has come, and its rest has not. Any thread.</summary>
    bool HoldsPartOfMessage { get; }
}
