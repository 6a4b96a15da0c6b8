// An echo server in a process of its own, for tests that take something away from the process.
// Writes the port it listens on, or the path if it was given one, then its warnings, one a line; ends with its input.
using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using LowLatency.Transports.BusyPoll;
using LowLatency.Transports.SharedMemory;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
builder.WebHost.UseKestrelCore();
builder.WebHost.UseBusyPoll(options => options.SpinFor = TimeSpan.FromMilliseconds(5));
builder.WebHost.UseSharedMemory(options => options.MemoryBudgetBytes = 1024 * 1024);
builder.Logging.AddSimpleConsole(options => options.SingleLine = true).SetMinimumLevel(LogLevel.Warning);
ListenOptions? listening = null;
builder.WebHost.ConfigureKestrel(options => options.Listen(EndPoint(args), listen =>
{
    listening = listen;
    listen.Run(EchoAsync);
}));
WebApplication application = builder.Build();
await application.StartAsync();
Console.WriteLine(listening!.EndPoint is IPEndPoint bound ? bound.Port : listening.EndPoint);
await Console.In.ReadToEndAsync();
await application.StopAsync();

static EndPoint EndPoint(string[] args)
    => args.Length > 0 ? new SharedMemoryEndPoint(args[0]) : new BusyPollEndPoint(new IPEndPoint(IPAddress.Loopback, 0));

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
