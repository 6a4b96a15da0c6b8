using LowLatency.Linux;

namespace LowLatency.LoadTest.Connections;

/// <summary>One connection as the tester sees it: bytes go out, bytes come in, and no call waits.</summary>
internal interface IWire : IDisposable
{
    /// <summary>What epoll watches; -1 for a wire that has none.</summary>
    int Descriptor { get; }

    /// <summary>A receive in vain takes a few nanoseconds, and no system call.</summary>
    bool LooksAreCheap { get; }

    /// <summary>What a send that failed with <see cref="Errno.Again"/> waits for: bytes to arrive, as in a handshake, and not room.</summary>
    bool AwaitsBytes => false;

    /// <summary>Why it will never be connected, where there is more to say than an error's number.</summary>
    string? Refusal => null;

    /// <summary>Sends what fits. Sending nothing succeeds once the wire is connected, and fails as a send would before.</summary>
    IoResult Send(ReadOnlySpan<byte> bytes);

    /// <summary>Receives what is there; zero bytes are the end of the stream.</summary>
    IoResult Receive(Span<byte> buffer);
}
