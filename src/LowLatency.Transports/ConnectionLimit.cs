using System.Net;
using System.Runtime.InteropServices;

namespace LowLatency.Transports;

/// <summary>How many connections may be open at once, in all and from one address; shared by the listeners it is given to.</summary>
/// <remarks>Asked once a connection, under a lock; never per message. Any thread.</remarks>
public sealed class ConnectionLimit
{
    private readonly Lock _lock = new();
    private readonly Dictionary<IPAddress, int> _perAddress = [];
    private readonly int _maximum;
    private readonly int _maximumPerAddress;
    private readonly Action? _refused;
    private int _count;

    /// <summary>Makes a limit.</summary>
    /// <param name="maximum">Connections in all. At least 1.</param>
    /// <param name="maximumPerAddress">Connections from one IP address; <c>null</c> for no such limit. Unix sockets have no address.</param>
    /// <param name="refused">Called for every connection refused, on the thread that accepts: it must be short.</param>
    public ConnectionLimit(int maximum, int? maximumPerAddress = null, Action? refused = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maximum, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(maximumPerAddress ?? 1, 1, nameof(maximumPerAddress));
        _maximum = maximum;
        _maximumPerAddress = maximumPerAddress ?? int.MaxValue;
        _refused = refused;
    }

    /// <summary>Connections that hold a slot: also those that have ended and still wait for their peer to end.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _count;
            }
        }
    }

    /// <summary>Takes a slot for a connection, or counts the refusal.</summary>
    /// <returns>Whether there was one; then <see cref="Leave"/> is owed, once, with the same address.</returns>
    public bool TryEnter(EndPoint? remote)
    {
        IPAddress? address = (remote as IPEndPoint)?.Address;
        lock (_lock)
        {
            if (_count < _maximum && TryEnter(address))
            {
                _count++;
                return true;
            }
        }

        _refused?.Invoke();
        return false;
    }

    /// <summary>Gives a slot back.</summary>
    public void Leave(EndPoint? remote)
    {
        lock (_lock)
        {
            _count--;
            if (_maximumPerAddress != int.MaxValue && (remote as IPEndPoint)?.Address is IPAddress address && --_perAddress[address] == 0)
            {
                _perAddress.Remove(address);
            }
        }
    }

    private bool TryEnter(IPAddress? address)
    {
        if (_maximumPerAddress == int.MaxValue || address is null)
        {
            return true;
        }

        ref int count = ref CollectionsMarshal.GetValueRefOrAddDefault(_perAddress, address, out _);
        if (count >= _maximumPerAddress)
        {
            return false;
        }

        count++;
        return true;
    }
}
