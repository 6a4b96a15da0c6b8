using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Connections;

namespace LowLatency.Transports.Tests.Hosting;

/// <summary>Handlers and parts of handlers that many tests use.</summary>
internal static class Handlers
{
    internal static async Task EchoAsync(ConnectionContext connection)
    {
        PipeReader input = connection.Transport.Input;
        PipeWriter output = connection.Transport.Output;
        while (true)
        {
            ReadResult read = await input.ReadAsync();
            foreach (ReadOnlyMemory<byte> part in read.Buffer)
            {
                output.Write(part.Span);
            }

            input.AdvanceTo(read.Buffer.End);
            FlushResult flushed = await output.FlushAsync();
            if (read.IsCompleted || flushed.IsCompleted)
            {
                return;
            }
        }
    }

    /// <summary>Reads and drops everything up to the end.</summary>
    internal static async Task<long> DrainAsync(PipeReader input)
    {
        long total = 0;
        while (true)
        {
            ReadResult read = await input.ReadAsync();
            total += read.Buffer.Length;
            input.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                return total;
            }
        }
    }

    /// <summary>Reads everything up to the end.</summary>
    internal static async Task<byte[]> ReadToEndAsync(PipeReader input)
    {
        using var all = new MemoryStream();
        while (true)
        {
            ReadResult read = await input.ReadAsync();
            foreach (ReadOnlyMemory<byte> part in read.Buffer)
            {
                all.Write(part.Span);
            }

            input.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                return all.ToArray();
            }
        }
    }

    /// <summary>Reads until there are as many bytes, consumes nothing, and leaves the result to be advanced.</summary>
    internal static async Task<ReadResult> ReadAtLeastAsync(PipeReader input, int count)
    {
        while (true)
        {
            ReadResult read = await input.ReadAsync();
            if (read.Buffer.Length >= count || read.IsCompleted)
            {
                return read;
            }

            input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    internal static string Text(this ReadResult read) => Encoding.ASCII.GetString(read.Buffer);

    internal static Task<FlushResult> WriteTextAsync(this PipeWriter output, string text) => output.WriteAsync(Encoding.ASCII.GetBytes(text)).AsTask();

    /// <summary>Writes until a flush does not complete.</summary>
    /// <returns>How many bytes were written in all, and the flush that waits.</returns>
    internal static (int Written, Task<FlushResult> Pending) WriteUntilFlushWaits(
        PipeWriter output, byte[] payload, int written = 0, CancellationToken cancellationToken = default)
    {
        const int Piece = 32 * 1024;
        while (written < payload.Length)
        {
            int count = Math.Min(Piece, payload.Length - written);
            output.Write(payload.AsSpan(written, count));
            written += count;
            ValueTask<FlushResult> flush = output.FlushAsync(cancellationToken);
            if (!flush.IsCompleted)
            {
                return (written, flush.AsTask());
            }

            _ = flush.Result;
        }

        throw new InvalidOperationException("Everything was taken although nobody reads.");
    }
}
