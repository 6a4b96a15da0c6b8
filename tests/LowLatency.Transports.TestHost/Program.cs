// An echo server in a process of its own, for tests that take something away from the process.
// Writes the port it listens on, then its warnings, one a line; ends with its input.
using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using LowLatency.Transports.BusyPoll;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
builder.WebHost.UseKestrelCore();
builder.WebHost.UseBusyPoll(options => options.SpinFor = TimeSpan.FromMilliseconds(5));
builder.Logging.AddSimpleConsole(options => options.SingleLine = true).SetMinimumLevel(LogLevel.Warning);
ListenOptions? listening = null;
builder.WebHost.ConfigureKestrel(options => options.Listen(new BusyPollEndPoint(new IPEndPoint(IPAddress.Loopback, 0)), listen =>
{
    listening = listen;
    listen.Run(EchoAsync);
}));
WebApplication application = builder.Build();
await application.StartAsync();
Console.WriteLine(((IPEndPoint)listening!.EndPoint).Port);
await Console.In.ReadToEndAsync();
await application.StopAsync();

static async Task EchoAsync(ConnectionContext connection)
{
    while (true)
    {
        ReadResult read = await connection.Transport.Input.ReadAsync();
        connection.Transport.Output.Write(read.Buffer.ToArray());
        connection.Transport.Input.AdvanceTo(read.Buffer.End);
        await connection.Transport.Output.FlushAsync();
        if (read.IsCompleted)
        {
            return;
        }
    }
}
