using System.Text.RegularExpressions;
using LowLatency.Client.Tests.Hosting;
using LowLatency.Transports.BusyPoll;
using LowLatency.Transports.SharedMemory;
using LowLatency.Transports.Tests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace LowLatency.Client.Tests.Readme;

/// <summary>What the README shows compiles, runs, and is what it shows.</summary>
public sealed partial class ReadmeTests
{
    private const int Timeout = 60_000;
    private const string Indentation = "        ";

    [Fact]
    public void The_example_stands_in_the_README_word_for_word()
    {
        string root = Root();
        string source = File.ReadAllText(Path.Join(root, "tests", "LowLatency.Client.Tests", "Readme", "ReadmeExample.cs"));
        string[] lines = source.Split('\n');
        string example = string.Join('\n', lines
            .SkipWhile(line => !line.EndsWith("// <readme>", StringComparison.Ordinal)).Skip(1)
            .TakeWhile(line => !line.EndsWith("// </readme>", StringComparison.Ordinal))
            .Select(line => line.StartsWith(Indentation, StringComparison.Ordinal) ? line[Indentation.Length..] : line));

        Assert.Contains($"```csharp\n{example}\n```", File.ReadAllText(Path.Join(root, "README.md")), StringComparison.Ordinal);
    }

    [Fact(Timeout = Timeout)]
    public async Task The_example_runs()
    {
        await using TestServer service = await Servers.EchoAsync(new SharedMemoryTransport(ApplicationScheduling.Inline), MessageFraming.None);
        SharedMemoryEndPoint web = SharedMemoryTransport.NewAddress(ApplicationScheduling.ThreadPool);
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseSharedMemory().ConfigureKestrel(kestrel => kestrel.Listen(web));
        await using WebApplication application = builder.Build();
        application.Run(context => context.Response.WriteAsync("a page"));
        await application.StartAsync(TestContext.Current.CancellationToken);

        Assert.Equal((4, "hola", "a page"), await ReadmeExample.RunAsync(service.Url(), $"shm://{web}"));
    }

    [Fact]
    public void Every_test_that_the_table_of_cases_names_exists()
    {
        string tests = Path.Join(Root(), "tests");
        string[] named = [.. NamedTests().Matches(File.ReadAllText(Path.Join(tests, "README.md"))).Select(match => match.Groups["name"].Value).Distinct()];
        string sources = string.Concat(Directory.EnumerateFiles(tests, "*.cs", SearchOption.AllDirectories).Select(File.ReadAllText));
        IEnumerable<string> existing = Declarations().Matches(sources).Select(match => match.Groups["name"].Value);

        Assert.InRange(named.Length, 50, 1000);
        Assert.Empty(named.Except(existing));
    }

    // A sentence, or a class of them: `SomeTests.A_sentence`, `A_sentence`, `SomeTests`.
    [GeneratedRegex(@"(?<=`(?:\w+\.)?)(?<name>[A-Z]\w*_\w+|\w+(?:Tests|Contract))(?=[`.])")]
    private static partial Regex NamedTests();

    [GeneratedRegex(@"(?:void|Task|class) (?<name>\w+)")]
    private static partial Regex Declarations();

    private static string Root()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Join(folder.FullName, "LowLatency.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new DirectoryNotFoundException("The tests do not run inside the repository.");
    }
}
