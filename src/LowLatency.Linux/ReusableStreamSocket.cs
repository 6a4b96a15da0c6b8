using System.Runtime.ConstrainedExecution;

namespace LowLatency.Linux;

/// <summary>A client's stream socket that connects, closes and connects again, without an object for each connection.</summary>
/// <remarks>
/// Of one thread at a time, which also closes it: a number that the kernel has given to somebody else meanwhile would be used
/// as if it were still this one's. <see cref="StreamSocket"/> is for whatever more than one thread knows of.
/// </remarks>
public sealed class ReusableStreamSocket : CriticalFinalizerObject, IDisposable
{
    private const int Closed = -1;

    /// <summary>The finalizer's half of <see cref="Dispose"/>: a descriptor must not outlive its owner.</summary>
    ~ReusableStreamSocket() => Close();

    /// <summary>The descriptor's number; -1 while it is closed.</summary>
    public int Descriptor { get; private set; } = Closed;

    /// <summary>Whether it is connected, or about to be.</summary>
    public bool IsOpen => Descriptor != Closed;

    /// <summary>Starts to connect. Only while it is closed.</summary>
    /// <param name="connector">To where.</param>
    /// <returns>What <see cref="StreamConnector.TryConnect(out StreamSocket?)"/> returns; it is open after <see cref="Errno.None"/> alone.</returns>
    /// <exception cref="InvalidOperationException">It is open.</exception>
    public Errno TryConnect(StreamConnector connector)
    {
        ArgumentNullException.ThrowIfNull(connector);
        if (IsOpen)
        {
            throw new InvalidOperationException("The socket is open.");
        }

        Errno error = connector.TryConnect(out int descriptor);
        Descriptor = descriptor;
        return error;
    }

    /// <summary>Receives what is there, without waiting.</summary>
    public IoResult Receive(Span<byte> buffer) => StreamTransfer.Receive(Descriptor, buffer);

    /// <summary>Sends what the kernel takes, without waiting and without a signal.</summary>
    public IoResult Send(ReadOnlySpan<byte> buffer) => StreamTransfer.Send(Descriptor, buffer);

    /// <summary>Closes it, if it is open.</summary>
    public void Close()
    {
        int descriptor = Descriptor;
        Descriptor = Closed;
        if (descriptor != Closed)
        {
            // No retry on EINTR: Linux has freed the descriptor by then.
            _ = Libc.Close(descriptor);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Close();
        GC.SuppressFinalize(this);
    }
}
