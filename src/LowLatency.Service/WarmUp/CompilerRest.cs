using System.Runtime;
using System.Runtime.CompilerServices;

namespace LowLatency.Service.WarmUp;

/// <summary>Waits until the runtime has nothing left to compile in the background.</summary>
/// <remarks>
/// What was called often is compiled well on a thread of the runtime's own, 100 ms after it was last kept waiting. While that
/// thread has a CPU, a loop or a pool thread may wait for it for milliseconds: that would be the first client's request.
/// </remarks>
internal static class CompilerRest
{
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(150);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(3);

    /// <summary>Returns when nothing was compiled for a while, or after a few seconds: something may always be compiling.</summary>
    internal static async Task WaitAsync(CancellationToken cancellationToken)
    {
        if (!RuntimeFeature.IsDynamicCodeCompiled)
        {
            return;
        }

        long before;
        TimeSpan waited = TimeSpan.Zero;
        do
        {
            before = JitInfo.GetCompiledMethodCount();
            await Task.Delay(Quiet, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            waited += Quiet;
        }
        while (JitInfo.GetCompiledMethodCount() > before && waited < Longest && !cancellationToken.IsCancellationRequested);
    }
}
