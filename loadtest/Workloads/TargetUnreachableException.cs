using System.Runtime.InteropServices;
using LowLatency.Linux;
using LowLatency.Transports;

namespace LowLatency.LoadTest.Workloads;

/// <summary>Not one connection came about. The message is one line for the user, with the remedy.</summary>
internal sealed class TargetUnreachableException(EndpointUrl target, Errno reason, string? refusal = null)
    : IOException(refusal is null ? $"{target} cannot be reached ({Describe(reason)}); start the service: {StartCommand}" : $"{target} cannot be reached: {refusal}")
{
    private const string StartCommand = "dotnet run -c Release --project src/LowLatency.Service";

    private static string Describe(Errno reason) => Marshal.GetPInvokeErrorMessage((int)reason);
}
