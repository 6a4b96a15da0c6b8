using LowLatency.Linux;

namespace LowLatency.LoadTest.Connections;

/// <summary>One connection as the tester sees it: bytes go out, bytes come in, and no call waits.</summary>
internal interface IWire : IDisposable
{
    /// <summary>What epoll watches; -1 for a wire that has none.</summary>
    int Descriptor { get; }

    /// <summary>A receive in vain takes a few nanoseconds, and no system call.</summary>
    bool LooksAreCheap { get; }

    /// <summary>Sends what fits. Sending nothing succeeds once the wire is connected, and fails as a send would before.</summary>
    IoResult Send(ReadOnlySpan<byte> bytes);

    /// <summary>Receives what is there; zero bytes are the end of the stream.</summary>
    IoResult Receive(Span<byte> buffer);
}
