using System.Reflection;
using LowLatency.LoadTest.Demo;

namespace LowLatency.LoadTest.Tests.ServerSide;

/// <summary>The real service as a process of its own, once for the tests of a class, which run one after the other.</summary>
public sealed class RunningService : IDisposable
{
    private readonly DemoEndpoints _endpoints = new();
    private readonly ServiceProcess _process;

    public RunningService()
    {
        AssemblyMetadataAttribute path = typeof(RunningService).Assembly
            .GetCustomAttributes<AssemblyMetadataAttribute>()
            .First(entry => entry.Key == "ServicePath");
        _process = ServiceProcess.Start(Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, path.Value!)), _endpoints);
        Assert.True(_process.WaitUntilReady(_endpoints.Sidecar, TestContext.Current.CancellationToken), _process.Output);
    }

    public string Sidecar => _endpoints.Sidecar.GetLeftPart(UriPartial.Authority);

    public string Url(string transport) => (transport == "tcp" ? _endpoints.Tcp : _endpoints.Unix).Text;

    public void Dispose()
    {
        _process.Dispose();
        _endpoints.Dispose();
    }
}
