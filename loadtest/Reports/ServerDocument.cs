using System.Text.Json.Serialization;
using LowLatency.LoadTest.ServerSide;

namespace LowLatency.LoadTest.Reports;

/// <summary>The server's side of a run, warm-up and all.</summary>
internal sealed record ServerDocument(
    string Sidecar,
    string Transport,
    long? Requests,
    bool RequestsOfTransportOnly,
    long ExpectedLeast,
    long ExpectedMost,
    bool Agrees,
    long Timed,
    [property: JsonPropertyName("server_mean_us")] double? ServerMeanMicroseconds,
    [property: JsonPropertyName("elsewhere_mean_us")] double? ElsewhereMeanMicroseconds,
    string? Warning)
{
    public static ServerDocument Of(ServerSideRecord server) => new(
        server.Sidecar.Url.GetLeftPart(UriPartial.Authority),
        server.Transport,
        server.Requests,
        server.IsOfTransport,
        server.LeastExpected,
        server.MostExpected,
        server.Agrees,
        server.Timed,
        server.ServerMean / 1_000,
        server.ElsewhereMean / 1_000,
        server.Warning);
}
