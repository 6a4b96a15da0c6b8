using System.Text;

namespace LowLatency.Client.Tests.Readme;

/// <summary>The example of the README, which shows what stands between the two markers.</summary>
internal static class ReadmeExample
{
    internal static async Task<(int Length, string Last, string Page)> RunAsync(string service, string web)
    {
        // <readme>
        await using LowLatencyClient client = await LowLatencyClient.ConnectAsync(service);
        byte[] reply = new byte[100];
        int length = client.Ask("hola"u8, reply);                         // looks for the reply on this thread
        length = await client.AskAsync("hola"u8.ToArray(), reply);        // a poll loop does, and the thread is free

        RequestBatch batch = client.CreateBatch();
        for (int request = 0; request < 64; request++)
        {
            batch.Add("hola"u8);
        }

        client.AskMany(batch);                                            // one flush, 64 replies
        string last = Encoding.UTF8.GetString(batch.Reply(63));

        using var http = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellation) => await LowLatencyStream.ConnectAsync(web, cancellationToken: cancellation),
        });
        string page = await http.GetStringAsync("http://localhost/");
        // </readme>
        return (length, last, page);
    }
}
