using System.Runtime.CompilerServices;
using LowLatency.Linux;
using LowLatency.Transports.Tls.Internal;

namespace LowLatency.LoadTest.Connections;

/// <summary>TLS over another wire. It never waits either: what is under way goes on when the worker looks at it again.</summary>
/// <remarks>The handshake belongs to the connect, and its computing to the worker's thread.</remarks>
internal sealed class TlsWire : IWire
{
    // What one record of TLS holds.
    private const int RecordBytes = 16 * 1024;

    private readonly IWire _encrypted;
    private readonly WireStream _stream;
    private readonly ClientHandshake _handshake;
    private readonly byte[] _record = new byte[RecordBytes];
    private Task? _shaking;
    private bool _isOpen;

    // What was decrypted and nobody has taken yet, and the read that will bring more.
    private ValueTaskAwaiter<int> _reading;
    private bool _isReading;
    private int _taken;
    private int _filled;
    private IoResult? _ended;

    // Of a send whose bytes are encrypted, and not all out.
    private int _beingSent;

    public TlsWire(IWire encrypted, ClientTls tls)
    {
        _encrypted = encrypted;
        _stream = new WireStream(encrypted);
        _handshake = new ClientHandshake(tls, _stream);
    }

    public int Descriptor => _encrypted.Descriptor;

    public bool LooksAreCheap => false;

    /// <summary>What epoll and its like watch.</summary>
    public IWire Encrypted => _encrypted;

    public bool AwaitsBytes => _shaking is not null && !_isOpen && !_stream.HasUnsent;

    public string? Refusal { get; private set; }

    public IoResult Send(ReadOnlySpan<byte> bytes)
    {
        if (!_isOpen && TryOpen() is var error and not Errno.None)
        {
            return IoResult.Failed(error);
        }

        try
        {
            if (_beingSent == 0 && !bytes.IsEmpty)
            {
                _handshake.ClearText.Write(bytes);
                _beingSent = bytes.Length;
            }
        }
        catch (IOException)
        {
            return IoResult.Failed(Errno.BrokenPipe);
        }

        Errno sent = _stream.TrySendRest();
        if (sent != Errno.None)
        {
            return IoResult.Failed(sent);
        }

        int count = _beingSent;
        _beingSent = 0;
        return IoResult.Done(count);
    }

    public IoResult Receive(Span<byte> buffer)
    {
        int count = 0;
        while (count < buffer.Length && HasSomething(mayReceive: count == 0))
        {
            if (_ended is IoResult ended)
            {
                return count > 0 ? IoResult.Done(count) : ended;
            }

            int taken = Math.Min(_filled - _taken, buffer.Length - count);
            _record.AsSpan(_taken, taken).CopyTo(buffer[count..]);
            _taken += taken;
            count += taken;
        }

        return count > 0 ? IoResult.Done(count) : IoResult.Failed(Errno.Again);
    }

    public void Dispose()
    {
        if (_isOpen)
        {
            // The peer is told, if that fits: it counts as a cut otherwise.
            _ = _handshake.ClearText.ShutdownAsync();
        }

        _handshake.ClearText.Dispose();
        _encrypted.Dispose();
    }

    private Errno TryOpen()
    {
        IoResult connected = _encrypted.Send([]);
        if (!connected.Succeeded)
        {
            return connected.Error;
        }

        _shaking ??= _handshake.RunAsync(CancellationToken.None);
        while (!_shaking.IsCompleted)
        {
            if (_stream.TrySendRest() is var error and not (Errno.None or Errno.Again))
            {
                return error;
            }

            if (!_stream.TryReceive())
            {
                return Errno.Again;
            }
        }

        _isOpen = _shaking.IsCompletedSuccessfully;
        Refusal = _shaking.Exception?.InnerException?.Message;
        return _isOpen ? Errno.None : Errno.Protocol;
    }

    /// <summary>Whether there is something in clear text, or the end of it.</summary>
    /// <param name="mayReceive">
    /// Else only from what has been received before: what waits in the kernel announces itself once more, what waits in here does not.
    /// </param>
    private bool HasSomething(bool mayReceive)
    {
        if (_taken < _filled || _ended is not null)
        {
            return true;
        }

        if (!_isReading)
        {
#pragma warning disable CA2012 // It is looked at until it has ended, and its result is taken once.
            _reading = _handshake.ClearText.ReadAsync(_record).GetAwaiter();
#pragma warning restore CA2012
            _isReading = true;
        }

        while (!_reading.IsCompleted)
        {
            if (!mayReceive || !_stream.TryReceive())
            {
                return false;
            }
        }

        TakeRead();
        return true;
    }

    private void TakeRead()
    {
        _isReading = false;
        _taken = 0;
        _filled = 0;
        try
        {
            _filled = _reading.GetResult();
            _ended = _filled == 0 ? IoResult.Done(0) : null;
        }
        catch (IOException)
        {
            _ended = IoResult.Failed(Errno.ConnectionReset);
        }
    }
}
