using System.IO.Pipelines;
using LowLatency.Transports.Tls.Internal;
using Microsoft.AspNetCore.Connections;
using Xunit;

namespace LowLatency.Transports.Tests.Tls;

/// <summary>What SslStream reads from.</summary>
public sealed class TransportStreamTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(10)]
    public async Task A_cancelled_read_is_the_end_whatever_came_with_it_and_however_much_room_it_had(int room)
    {
        var arriving = new Pipe();
        await using var connection = new DefaultConnectionContext { Transport = new Duplex(arriving.Reader, new Pipe().Writer) };
        await using var stream = new TransportStream(connection);
        await arriving.Writer.WriteAsync("bytes"u8.ToArray(), TestContext.Current.CancellationToken);
        arriving.Reader.CancelPendingRead();

        Assert.Equal(0, await stream.ReadAsync(new byte[room], TestContext.Current.CancellationToken));
        Assert.Equal(0, await stream.ReadAsync(new byte[10], TestContext.Current.CancellationToken));
    }

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
