using BenchmarkDotNet.Running;

namespace LowLatency.Benchmarks;

/// <summary>Runs the benchmarks that the arguments choose: <c>--filter '*'</c> for all, <c>--job short</c> for a quick look.</summary>
internal static class EntryPoint
{
    // Not top-level statements: the service, whose internals are measured, has a Program of its own.
    internal static void Main(string[] arguments) => BenchmarkSwitcher.FromAssembly(typeof(EntryPoint).Assembly).Run(arguments);
}
