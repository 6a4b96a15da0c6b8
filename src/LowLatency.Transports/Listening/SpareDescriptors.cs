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

    // What the runtime needs in order to hear of a signal, and is never taken.
    private const int Margin = 2;

    private readonly Lock _lock = new();

    private readonly EventFile?[] _spares = new EventFile?[OperatingSystem.IsLinux() ? Count : 0];

    // None where there were too few from the start, as by a limit of some dozens: a listener that waited for them would accept nobody.
    private readonly int _wanted = Count;

    private bool _over;

    internal SpareDescriptors() => _wanted = TryTakeBack() ? Count : 0;

    /// <summary>Whether fewer are left than a signal takes: nobody should be accepted until there are more.</summary>
    /// <remarks>Asked because the next accept, which would fail, may never come. False where the kernel does not tell how many there are.</remarks>
    internal static bool AreNeeded => OperatingSystem.IsLinux() && DescriptorTable.CountFree() < Margin;

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
            // Asked beforehand: to try it would take the last ones for a moment.
            if (OperatingSystem.IsLinux() && DescriptorTable.CountFree() < _wanted + Margin)
            {
                return false;
            }

            try
            {
                // Files of the kernel's memory, which nobody else can keep from us.
                for (int index = 0; index < Math.Min(_wanted, _spares.Length) && !_over; index++)
                {
                    _spares[index] ??= new EventFile();
                }

                return true;
            }
            catch (LinuxException)
            {
                Close();
                return false;
            }
        }
    }

    private void Close()
    {
        for (int index = 0; index < _spares.Length; index++)
        {
            _spares[index]?.Dispose();
            _spares[index] = null;
        }
    }
}
