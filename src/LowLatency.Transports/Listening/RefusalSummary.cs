using System.Net;
using LowLatency.Transports.Polling;
using Microsoft.Extensions.Logging;

namespace LowLatency.Transports.Listening;

/// <summary>Says at most once a second that connections were refused, however many there are.</summary>
/// <remarks>Any thread; once a refusal, never on the way of a connection that is served.</remarks>
internal sealed class RefusalSummary(ILogger logger, EndPoint endPoint)
{
    private const long Pause = 1000;

    private readonly Lock _lock = new();
    private long? _lastLine;
    private int _refusals;

    internal void Add(string reason)
    {
        int refusals;
        lock (_lock)
        {
            _refusals++;
            long now = Environment.TickCount64;
            if (_lastLine is long last && now - last < Pause)
            {
                return;
            }

            _lastLine = now;
            refusals = _refusals;
            _refusals = 0;
        }

        Log.Refused(logger, endPoint, refusals, reason);
    }
}
