using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace LowLatency.Transports;

/// <summary>How many connections may be open at once, in all and from one address; shared by the listeners it is given to.</summary>
/// <remarks>
/// Asked once a connection, under a lock; never per message. Any thread. IPv4 is one address, also where a socket for both families
/// shows it inside IPv6. Of IPv6, a /64 counts as one: a host has the whole of it to choose its addresses from. The price: hosts that share a
/// /64, as those of one local network do, share what an address gets; link-local addresses, which all do, count one by one.
/// </remarks>
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
    /// <param name="maximumPerAddress">Connections from one IPv4 address or one /64 of IPv6; <c>null</c> for no such limit. Unix sockets have no address.</param>
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
        IPAddress? key = Key(remote);
        lock (_lock)
        {
            if (_count < _maximum && TryEnter(key))
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
        IPAddress? key = Key(remote);
        lock (_lock)
        {
            _count--;
            if (key is not null && --_perAddress[key] == 0)
            {
                _perAddress.Remove(key);
            }
        }
    }

    // What counts as one; null when nothing is counted.
    private IPAddress? Key(EndPoint? remote)
    {
        if (_maximumPerAddress == int.MaxValue || remote is not IPEndPoint { Address: IPAddress address })
        {
            return null;
        }

        if (address.AddressFamily == AddressFamily.InterNetwork || address.IsIPv6LinkLocal)
        {
            return address;
        }

        return address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : new IPNetwork(address, 64).BaseAddress;
    }

    private bool TryEnter(IPAddress? key)
    {
        if (key is null)
        {
            return true;
        }

        ref int count = ref CollectionsMarshal.GetValueRefOrAddDefault(_perAddress, key, out _);
        if (count >= _maximumPerAddress)
        {
            return false;
        }

        count++;
        return true;
    }
}
