using LowLatency.Linux;
using Microsoft.AspNetCore.Connections;

namespace LowLatency.LoadTest.Connections;

/// <summary>A connection to shared memory from the beginning of its handshake to its end. Belongs to the worker's thread.</summary>
internal sealed class Attachment : IDisposable
{
    private readonly CancellationTokenSource _givenUp = new();
    private readonly Task<ConnectionContext> _attaching;

    public Attachment(IConnectionFactory factory, System.Net.EndPoint target)
        => _attaching = factory.ConnectAsync(target, _givenUp.Token).AsTask();

    /// <summary>Ends with the handshake, however that ends.</summary>
    public Task Handshake => _attaching;

    /// <summary>Whether it is attached.</summary>
    /// <returns><see cref="Errno.None"/>; <see cref="Errno.Again"/> while the handshake lasts; else why it failed.</returns>
    public Errno TryGet(out ConnectionContext? connection)
    {
        connection = _attaching.IsCompletedSuccessfully ? _attaching.Result : null;
        return !_attaching.IsCompleted ? Errno.Again
            : _attaching.Exception?.InnerException is LinuxException failure ? failure.Error
            : connection is null ? Errno.Protocol
            : Errno.None;
    }

    /// <summary>Ends it, or gives the handshake up.</summary>
    public void Dispose()
    {
        _givenUp.Cancel();
        _givenUp.Dispose();
        _attaching.ContinueWith(
            static attaching => _ = attaching.Exception is null && !attaching.IsCanceled ? attaching.Result.DisposeAsync().AsTask() : null,
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
    }
}
