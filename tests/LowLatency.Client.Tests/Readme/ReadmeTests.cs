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
    private const int Timeout = Hanging.After;
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
        ILookup<string, string> sources = Directory.EnumerateFiles(tests, "*.cs", SearchOption.AllDirectories)
            .ToLookup(path => Path.GetFileName(path).Split('.')[0], File.ReadAllText);
        var missing = new List<string>();
        int named = 0;
        foreach (string row in File.ReadLines(Path.Join(tests, "README.md")))
        {
            // A sentence without a class is one of the class that was named last.
            string owner = "";
            foreach (Match match in NamedTests().Matches(row))
            {
                named++;
                owner = match.Groups["class"].Success ? match.Groups["class"].Value : owner;
                if (!sources[owner].Any(source => Declares(source, owner, match.Groups["name"])))
                {
                    missing.Add($"{owner}: {match.Value}");
                }
            }
        }

        Assert.InRange(named, 50, 1000);
        Assert.Empty(missing);
    }

    private static bool Declares(string source, string owner, Group name)
        => Regex.IsMatch(source, $@"\bclass {owner}\b") && (!name.Success || Regex.IsMatch(source, $@"\b(?:void|Task) {name.Value}\("));

    // A class, a sentence of a class, or a sentence: `SomeTests`, `SomeTests.A_sentence`, `A_sentence`.
    [GeneratedRegex(@"`(?:(?<class>\w+(?:Tests|Contract))(?:\.(?<name>\w+))?|(?<name>[A-Z]\w*_\w+))`")]
    private static partial Regex NamedTests();

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
