using System.Buffers;
using System.IO.Pipelines;
using LowLatency.Transports.BusyPoll;
using LowLatency.Transports.SharedMemory;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace LowLatency.LoadTest.Tests.Servers;

/// <summary>A server over shared memory that sends the same for every arrival.</summary>
internal sealed class ShmServer : IDisposable
{
    private readonly WebApplication _application;
    private readonly SharedMemoryEndPoint _place = new(Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".sock"));

    public ShmServer(byte[] reply)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseSharedMemory();
        builder.Services.Configure<BusyPollTransportOptions>(polling => polling.SpinFor = TimeSpan.FromMilliseconds(5));
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(_place, listen => listen.Run(connection => AnswerAsync(connection, reply))));
        _application = builder.Build();
        _application.StartAsync().GetAwaiter().GetResult();
    }

    public string Url => $"shm://{_place}";

    private static async Task AnswerAsync(ConnectionContext connection, byte[] reply)
    {
        while (true)
        {
            ReadResult read = await connection.Transport.Input.ReadAsync();
            bool hasMessage = !read.Buffer.IsEmpty;
            connection.Transport.Input.AdvanceTo(read.Buffer.End);
            if (hasMessage)
            {
                connection.Transport.Output.Write(reply);
                await connection.Transport.Output.FlushAsync();
            }

            if (read.IsCompleted)
            {
                return;
            }
        }
    }

    public void Dispose() => _application.DisposeAsync().AsTask().GetAwaiter().GetResult();
}
