using System.Globalization;
using System.Text;
using LowLatency.Client;
using LowLatency.Service.Tests.Running;
using Xunit;

namespace LowLatency.Service.Tests.Faults;

/// <summary>Replies that the kernel takes in pieces arrive whole and in order.</summary>
public sealed class ShortWriteTests
{
    private const int Requests = 100;

    private static readonly string Response = string.Concat(Enumerable.Range(0, 5000).Select(number => $"{number:D5} "));

    [Theory]
    [InlineData("Tcp", 1)]
    [InlineData("Tcp", 2)]
    [InlineData("Unix", 1)]
    [InlineData("Unix", 2)]
    public async Task Large_replies_arrive_intact(string endpoint, int seed)
    {
        await using ServiceProcess service = await ServiceProcess.StartUnderAsync(
            await ShortWrites.WrapperAsync(seed), null, "--LowLatency:Framing=LengthPrefix", $"--LowLatency:Response={Response}");
        LowLatencyClientOptions options = new() { Framing = MessageFraming.LengthPrefix, AskTimeout = Deadline.Default };
        await using LowLatencyClient client = await LowLatencyClient.ConnectAsync(service.Url(endpoint), options, TestContext.Current.CancellationToken);
        RequestBatch batch = client.CreateBatch();
        for (int request = 0; request < Requests; request++)
        {
            batch.Add("hola"u8);
        }

        await client.AskManyAsync(batch, TestContext.Current.CancellationToken);

        for (int request = 0; request < Requests; request++)
        {
            Assert.Equal(Response, Encoding.Latin1.GetString(batch.Reply(request)));
        }

        // One at a time, each behind the last piece of the one before.
        byte[] reply = new byte[Response.Length];
        for (int request = 0; request < Requests; request++)
        {
            Assert.Equal(Response.Length, await client.AskAsync("hola"u8.ToArray(), reply, TestContext.Current.CancellationToken));
            Assert.Equal(Response, Encoding.Latin1.GetString(reply));
        }

        Assert.Equal(0, await service.MetricAsync("lowlatency_errors_total"));
        await client.DisposeAsync();
        Assert.Equal(0, await service.StopAsync());
        AssertWasCutShort(service.Lines);
    }

    private static void AssertWasCutShort(string[] lines)
    {
        int[] counts = [.. Assert.Single(lines, line => line.StartsWith("short writes: ", StringComparison.Ordinal))
            .Split(' ', ',').Where(word => int.TryParse(word, out _)).Select(word => int.Parse(word, CultureInfo.InvariantCulture))];
        Assert.True(counts[0] > Requests, $"{counts[0]} sends were cut short.");
        Assert.True(counts[1] > Requests / 10, $"{counts[1]} sends were put off.");
    }
}
