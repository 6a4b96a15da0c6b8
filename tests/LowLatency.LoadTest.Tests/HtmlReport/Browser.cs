using System.Diagnostics;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;

namespace LowLatency.LoadTest.Tests.HtmlReport;

/// <summary>A headless Chromium with one page, told what to do over its DevTools protocol.</summary>
internal sealed class Browser : IAsyncDisposable
{
    private const string Announcement = "DevTools listening on ";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly DirectoryInfo _profile;
    private readonly Process _process;
    private readonly ClientWebSocket _socket = new();
    private readonly List<JsonNode> _events = [];
    private string? _session;
    private int _lastId;

    private Browser(DirectoryInfo profile, Process process) => (_profile, _process) = (profile, process);

    /// <summary>What the page has told so far: the events of a method.</summary>
    public IEnumerable<JsonNode> Events(string method) => _events.Where(message => (string)message["method"]! == method).Select(message => message["params"]!);

    public static async Task<Browser> StartAsync(string chromium)
    {
        DirectoryInfo profile = Directory.CreateTempSubdirectory("lowlatency-browser-");
        string[] arguments =
        [
            "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
            "--remote-debugging-port=0", $"--user-data-dir={profile.FullName}", "about:blank",
        ];
        var process = Process.Start(new ProcessStartInfo(chromium, arguments) { RedirectStandardError = true })!;
        var browser = new Browser(profile, process);
        try
        {
            await browser.ConnectAsync();
            return browser;
        }
        catch
        {
            await browser.DisposeAsync();
            throw;
        }
    }

    /// <summary>Opens a file as a screen of some width shows it, and waits until it has been loaded.</summary>
    public async Task OpenAsync(string file, int width, bool isDark)
    {
        await AskAsync("Emulation.setDeviceMetricsOverride", new JsonObject { ["width"] = width, ["height"] = 800, ["deviceScaleFactor"] = 1, ["mobile"] = width < 600 });
        await AskAsync("Emulation.setEmulatedMedia", new JsonObject
        {
            ["features"] = new JsonArray(new JsonObject { ["name"] = "prefers-color-scheme", ["value"] = isDark ? "dark" : "light" }),
        });
        int loadedBefore = Events("Page.loadEventFired").Count();
        await AskAsync("Page.navigate", new JsonObject { ["url"] = new Uri(file).AbsoluteUri });
        while (Events("Page.loadEventFired").Count() == loadedBefore)
        {
            _events.Add(await ReceiveAsync());
        }
    }

    /// <summary>The value of an expression in the page.</summary>
    public async Task<JsonNode?> EvaluateAsync(string expression)
    {
        JsonNode result = await AskAsync("Runtime.evaluate", new JsonObject { ["expression"] = expression, ["returnByValue"] = true });
        Assert.Null(result["exceptionDetails"]);
        return result["result"]!["value"];
    }

    private async Task ConnectAsync()
    {
        using var deadline = new CancellationTokenSource(Patience);
        while (await _process.StandardError.ReadLineAsync(deadline.Token) is string line)
        {
            if (line.StartsWith(Announcement, StringComparison.Ordinal))
            {
                await _socket.ConnectAsync(new Uri(line[Announcement.Length..]), deadline.Token);
                JsonNode target = await AskAsync("Target.createTarget", new JsonObject { ["url"] = "about:blank" });
                JsonNode attached = await AskAsync("Target.attachToTarget", new JsonObject { ["targetId"] = (string)target["targetId"]!, ["flatten"] = true });
                _session = (string)attached["sessionId"]!;
                foreach (string domain in (string[])["Page", "Runtime", "Log", "Network"])
                {
                    await AskAsync($"{domain}.enable", []);
                }

                return;
            }
        }

        Assert.Fail("Chromium ended before it said where to talk to it.");
    }

    private async Task<JsonNode> AskAsync(string method, JsonObject parameters)
    {
        int id = ++_lastId;
        var message = new JsonObject { ["id"] = id, ["method"] = method, ["params"] = parameters };
        if (_session is not null)
        {
            message["sessionId"] = _session;
        }

        await _socket.SendAsync(Encoding.UTF8.GetBytes(message.ToJsonString()), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        while (true)
        {
            JsonNode answer = await ReceiveAsync();
            if ((int?)answer["id"] == id)
            {
                Assert.Null(answer["error"]);
                return answer["result"]!;
            }

            _events.Add(answer);
        }
    }

    private async Task<JsonNode> ReceiveAsync()
    {
        using var deadline = new CancellationTokenSource(Patience);
        using var text = new MemoryStream();
        byte[] buffer = new byte[64 * 1024];
        WebSocketReceiveResult received;
        do
        {
            received = await _socket.ReceiveAsync(buffer, deadline.Token);
            text.Write(buffer, 0, received.Count);
        }
        while (!received.EndOfMessage);

        return JsonNode.Parse(text.ToArray())!;
    }

    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        _profile.Delete(recursive: true);
    }
}
