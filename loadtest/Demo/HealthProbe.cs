using System.Net;

namespace LowLatency.LoadTest.Demo;

/// <summary>Asks a sidecar over HTTP whether its service is well.</summary>
internal sealed class HealthProbe : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly HttpClient _client = new() { Timeout = Patience };

    /// <summary>Whether it says so; also <c>false</c> while nobody listens.</summary>
    /// <exception cref="OperationCanceledException">Interrupted.</exception>
    public bool IsGood(Uri health, CancellationToken interrupted)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, health);
        try
        {
            using HttpResponseMessage response = _client.Send(request, interrupted);
            return response.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    public void Dispose() => _client.Dispose();
}
