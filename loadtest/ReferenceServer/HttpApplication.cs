using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace LowLatency.LoadTest.ReferenceServer;

/// <summary>A plain ASP.NET Core application with one constant answer, and the exchange that it makes over HTTP/1.1.</summary>
internal static class HttpApplication
{
    // An application's own Date wins over the clock's, without which no two replies would be the same for longer than a second.
    private const string Date = "Thu, 01 Jan 1970 00:00:00 GMT";
    private const string ContentType = "text/plain";

    private static readonly byte[] Body = "respuesta"u8.ToArray();

    public static byte[] Request { get; } = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"u8.ToArray();

    /// <summary>Every byte of the answer, in the order in which Kestrel writes headers.</summary>
    public static byte[] Reply { get; } =
        [.. System.Text.Encoding.ASCII.GetBytes(FormattableString.Invariant(
            $"HTTP/1.1 200 OK\r\nContent-Length: {Body.Length}\r\nContent-Type: {ContentType}\r\nDate: {Date}\r\n\r\n")), .. Body];

    public static void AddTo(WebApplication app) => app.Run(Answer);

    private static async Task Answer(HttpContext context)
    {
        HttpResponse response = context.Response;
        response.ContentType = ContentType;
        response.ContentLength = Body.Length;
        response.Headers.Date = Date;
        await response.BodyWriter.WriteAsync(Body);
    }
}
