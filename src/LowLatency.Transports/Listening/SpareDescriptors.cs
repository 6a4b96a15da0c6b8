using Microsoft.Win32.SafeHandles;

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

    private readonly Lock _lock = new();

    private readonly SafeFileHandle?[] _spares = new SafeFileHandle?[OperatingSystem.IsLinux() ? Count : 0];

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

    /// <summary>Takes as many as there are to be.</summary>
    /// <returns>Whether there were so many; otherwise none is taken.</returns>
    internal bool TryTakeBack()
    {
        lock (_lock)
        {
            try
            {
                for (int index = 0; index < _spares.Length && !_over; index++)
                {
                    _spares[index] ??= File.OpenHandle("/dev/null", share: FileShare.ReadWrite);
                }

                return true;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
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
