using LowLatency.LoadTest.ReferenceServer;

namespace LowLatency.LoadTest.Baselines.Servers;

/// <summary>What is sent to a server, and what must come back.</summary>
internal sealed record Dialogue(byte[] Request, byte[] Reply)
{
    public static readonly Dialogue Raw = new("hola"u8.ToArray(), "respuesta"u8.ToArray());

    public static readonly Dialogue Http = new(HttpApplication.Request, HttpApplication.Reply);
}
