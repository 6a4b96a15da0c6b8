using System.Reflection;
using LowLatency.LoadTest.Demo;

namespace LowLatency.LoadTest.Tests.Servers;

/// <summary>The service itself, as a process of its own, for the tests of a class.</summary>
public sealed class RealService : IDisposable
{
    private readonly DemoEndpoints _endpoints = new();
    private readonly ServiceProcess _process;

    public RealService()
    {
        _process = ServiceProcess.Start(Program, _endpoints);
        try
        {
            Assert.True(_process.WaitUntilReady(_endpoints.Sidecar, TestContext.Current.CancellationToken), _process.Output);
        }
        catch
        {
            // Nobody disposes of what was never made.
            Dispose();
            throw;
        }
    }

    /// <summary>The service's assembly, as the build has put it.</summary>
    public static string Program
    {
        get
        {
            AssemblyMetadataAttribute path = typeof(RealService).Assembly
                .GetCustomAttributes<AssemblyMetadataAttribute>()
                .First(entry => entry.Key == "ServicePath");
            return Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, path.Value!));
        }
    }

    public string Tcp => _endpoints.Tcp.Text;

    public string Sidecar => _endpoints.Sidecar.GetLeftPart(UriPartial.Authority);

    public string Unix => _endpoints.Unix.Text;

    public void Dispose()
    {
        _process.Dispose();
        _endpoints.Dispose();
    }
}
