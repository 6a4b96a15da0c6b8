using LowLatency.Linux;

namespace LowLatency.Transports.Listening;

/// <summary>A few descriptors that a listener holds for nothing, and gives up when the process has no other left. Any thread.</summary>
/// <remarks>
/// Without any, a process cannot even be told to stop: the runtime starts a thread for a signal, which takes two, and ends the process
/// where it does not get them. A listener that is held up accepts nobody until it has its own back, so that nobody who connects
/// takes what the others have given up.
/// </remarks>
internal sealed class SpareDescriptors
{
    private const int Count = 8;

    /// <summary>What the runtime needs in order to hear of a signal, and is never taken.</summary>
    internal const int Margin = 2;

    private readonly Lock _lock = new();

    private readonly EventFile?[] _spares = new EventFile?[OperatingSystem.IsLinux() ? Count + Margin : 0];

    private bool _over;

    internal SpareDescriptors() => TryTakeBack();

    /// <summary>Gives up what is held.</summary>
    /// <param name="forGood">The listener ends, and wants none back.</param>
    internal void GiveUp(bool forGood = false)
    {
        lock (_lock)
        {
            _over |= forGood;
            Close();
        }
    }

    /// <summary>Takes as many as there are to be, if a few more are free.</summary>
    /// <returns>Whether there were so many; otherwise none is taken.</returns>
    internal bool TryTakeBack()
    {
        lock (_lock)
        {
            try
            {
                // Files of the kernel's memory, which nobody else can keep from us.
                for (int index = 0; index < _spares.Length && !_over; index++)
                {
                    _spares[index] ??= new EventFile();
                }

                Close(from: _spares.Length - Margin);
                return true;
            }
            catch (LinuxException)
            {
                Close();
                return false;
            }
        }
    }

    private void Close(int from = 0)
    {
        for (int index = Math.Max(from, 0); index < _spares.Length; index++)
        {
            _spares[index]?.Dispose();
            _spares[index] = null;
        }
    }
}
