using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;

namespace LowLatency.LoadTest.ReferenceServer;

/// <summary>The least that a connection handler can do: whatever arrives, it answers the same.</summary>
internal sealed class RawApplication : ConnectionHandler
{
    private static readonly byte[] Reply = "respuesta"u8.ToArray();

    /// <inheritdoc/>
    public override async Task OnConnectedAsync(ConnectionContext connection)
    {
        PipeReader input = connection.Transport.Input;
        PipeWriter output = connection.Transport.Output;
        while (true)
        {
            ReadResult read;
            try
            {
                read = await input.ReadAsync();
            }
            catch (ConnectionResetException)
            {
                return;
            }

            bool hasMessage = !read.Buffer.IsEmpty;
            input.AdvanceTo(read.Buffer.End);
            if (hasMessage)
            {
                output.Write(Reply);
                FlushResult flushed = await output.FlushAsync();
                if (flushed.IsCompleted)
                {
                    return;
                }
            }

            if (read.IsCompleted)
            {
                return;
            }
        }
    }
}
