using Xunit;

namespace LowLatency.Client.Tests.Hosting;

/// <summary>Runs a synchronous test where neither the test runner's context nor other work is.</summary>
internal static class OwnThread
{
    internal static async Task RunAsync(Action test)
    {
        var ended = new TaskCompletionSource<Exception?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() => ended.SetResult(Record.Exception(test))) { IsBackground = true };
        thread.Start();
        if (await ended.Task is Exception failure)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
        }
    }
}
