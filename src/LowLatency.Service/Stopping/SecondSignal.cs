using System.Runtime.InteropServices;

namespace LowLatency.Service.Stopping;

/// <summary>Who asks a second time does not want to wait: the process ends at once.</summary>
internal sealed class SecondSignal : IDisposable
{
    // As a shell reports a process that a signal has ended.
    private const int EndedBySignal = 128;
    private const int Interrupt = 2;
    private const int Terminate = 15;

    private readonly PosixSignalRegistration[] _registrations;
    private int _signals;

    internal SecondSignal() => _registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGINT, _ => Count(Interrupt)),
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, _ => Count(Terminate)),
    ];

    public void Dispose() => Array.ForEach(_registrations, registration => registration.Dispose());

    // The first one is the host's.
    private void Count(int signal)
    {
        if (Interlocked.Increment(ref _signals) > 1)
        {
            Environment.Exit(EndedBySignal + signal);
        }
    }
}
