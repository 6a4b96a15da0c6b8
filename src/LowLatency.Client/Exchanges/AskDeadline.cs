namespace LowLatency.Client.Exchanges;

/// <summary>The token that ends an asynchronous exchange, by its timeout or by the caller's own token; used again and again.</summary>
internal sealed class AskDeadline(TimeSpan timeout) : IDisposable
{
    private CancellationTokenSource _source = new();
    private CancellationTokenRegistration _caller;

    internal CancellationToken Begin(CancellationToken caller)
    {
        _source.CancelAfter(timeout);
        _caller = caller.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), _source);
        return _source.Token;
    }

    internal void End()
    {
        _caller.Dispose();
        if (!_source.TryReset())
        {
            _source.Dispose();
            _source = new CancellationTokenSource();
        }
    }

    public void Dispose() => _source.Dispose();
}
