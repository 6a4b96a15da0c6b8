using LowLatency.Linux;

namespace LowLatency.LoadTest.Connections;

/// <summary>Opens wires to one target. Of one worker: its thread opens them and closes them.</summary>
internal interface IConnector
{
    /// <summary>Starts a connection; the first send that does not fail with <see cref="Errno.Again"/> tells what came of it.</summary>
    /// <returns><see cref="Errno.None"/>; <see cref="Errno.Again"/> to be tried again a little later; else why it failed.</returns>
    Errno TryConnect(out IWire? wire);
}
