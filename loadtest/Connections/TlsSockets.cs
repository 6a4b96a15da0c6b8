using System.Net;
using LowLatency.Linux;
using LowLatency.LoadTest.Workloads;
using LowLatency.Transports.Tls;
using LowLatency.Transports.Tls.Internal;

namespace LowLatency.LoadTest.Connections;

/// <summary>TLS over other sockets, which are spun on or slept on as they are without it.</summary>
/// <remarks>Every connection makes a handshake in full: what a new client pays, and not one that comes back.</remarks>
internal sealed class TlsSockets(ClientSockets sockets) : ClientSockets
{
    public override IConnector CreateConnector(EndPoint target, IdleStrategy idle)
    {
        var place = (TlsEndPoint)target;
        return new Connector(sockets.CreateConnector(place.Address, idle), new ClientTls(place) { AlwaysInFull = true });
    }

    public override IReadiness CreateReadiness(int connections, IdleStrategy idle) => new Readiness(sockets.CreateReadiness(connections, idle));

    private sealed class Connector(IConnector connector, ClientTls tls) : IConnector
    {
        public Errno TryConnect(out IWire? wire)
        {
            Errno error = connector.TryConnect(out IWire? encrypted);
            wire = encrypted is null ? null : new TlsWire(encrypted, tls);
            return error;
        }
    }

    /// <summary>Watches the wires beneath.</summary>
    private sealed class Readiness(IReadiness readiness) : IReadiness
    {
        public void Add(IWire wire, int index, bool forSending) => readiness.Add(((TlsWire)wire).Encrypted, index, forSending);

        public void Change(IWire wire, int index, bool forSending) => readiness.Change(((TlsWire)wire).Encrypted, index, forSending);

        public int Collect(int longestWaitMilliseconds) => readiness.Collect(longestWaitMilliseconds);

        public int At(int position) => readiness.At(position);

        public void Dispose() => readiness.Dispose();
    }
}
