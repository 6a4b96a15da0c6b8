using System.Net.Sockets;

namespace LowLatency.Service.Tests.Encrypting;

/// <summary>Keeps what it has received, which is records of TLS.</summary>
internal sealed class RecordedStream(Socket socket) : NetworkStream(socket, ownsSocket: true)
{
    private const int HeaderBytes = 5;

    private readonly List<byte> _received = [];

    /// <summary>The type of the record that was received last.</summary>
    internal int LastType
    {
        get
        {
            int type = -1;
            for (int at = 0; at + HeaderBytes <= _received.Count; at += HeaderBytes + (_received[at + 3] << 8) + _received[at + 4])
            {
                type = _received[at];
            }

            return type;
        }
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int count = await base.ReadAsync(buffer, cancellationToken);
        _received.AddRange(buffer.Span[..count]);
        return count;
    }
}
