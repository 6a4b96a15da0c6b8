using System.CommandLine;
using LowLatency.LoadTest.ReferenceServer;
using LowLatency.Transports;

namespace LowLatency.LoadTest.CommandLine;

/// <summary>The hidden verb by which <c>reference</c> starts the tester once more, as a server to compare with.</summary>
internal sealed class ReferenceServerCommand
{
    public const string Name = "reference-server";

    private readonly Option<ReferenceTransport?> _transport = ParsedOption.OneOf("--transport", "What to listen by", new Dictionary<string, ReferenceTransport>
    {
        ["default"] = ReferenceTransport.KestrelDefault,
        ["busypoll"] = ReferenceTransport.BusyPoll,
        ["busypoll-inline"] = ReferenceTransport.BusyPollInline,
        ["shm-inline"] = ReferenceTransport.SharedMemoryInline,
    });

    private readonly Option<ReferenceApplication?> _application = ParsedOption.OneOf("--app", "What to answer", new Dictionary<string, ReferenceApplication>
    {
        ["raw"] = ReferenceApplication.Raw,
        ["http"] = ReferenceApplication.Http,
    });

    private readonly Option<EndpointUrl> _tcp = Endpoint("--tcp", "Where to listen");
    private readonly Option<EndpointUrl> _unix = Endpoint("--unix", "Where else to listen");
    private readonly Option<EndpointUrl> _shm = Endpoint("--shm", "Where else to listen, by shm-inline");
    private readonly Option<int[]> _cpu = ParsedOption.Create<int[]>("--cpu", [], "The poll loop's CPU", "n", CpuListText.TryParse);
    private readonly Terminal _terminal;
    private readonly CancellationToken _interrupted;

    private ReferenceServerCommand(Terminal terminal, CancellationToken interrupted)
    {
        (_terminal, _interrupted) = (terminal, interrupted);
        _transport.Required = _application.Required = _tcp.Required = true;
    }

    public static Command Create(Terminal terminal, CancellationToken interrupted)
    {
        var server = new ReferenceServerCommand(terminal, interrupted);
        var command = new Command(Name, "A Kestrel to compare with")
        {
            server._transport, server._application, server._tcp, server._unix, server._shm, server._cpu,
        };
        command.Hidden = true;
        command.SetAction(server.Execute);
        return command;
    }

    private int Execute(ParseResult parsed)
    {
        var options = new ReferenceServerOptions(
            parsed.GetValue(_transport)!.Value,
            parsed.GetValue(_application)!.Value,
            parsed.GetValue(_tcp)!,
            parsed.GetValue(_unix),
            parsed.GetValue(_shm),
            parsed.GetValue(_cpu) is [int cpu, ..] ? cpu : null);
        ReferenceServerHost.RunAsync(options, SayReady, _interrupted).GetAwaiter().GetResult();
        return ExitCode.Fine;
    }

    private void SayReady()
    {
        _terminal.Out.WriteLine("ready");
        _terminal.Out.Flush();
    }

    private static Option<EndpointUrl> Endpoint(string name, string description)
        => ParsedOption.Create<EndpointUrl>(name, [], description, "url", EndpointUrl.TryParse);
}
