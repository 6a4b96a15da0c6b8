using System.Globalization;
using LowLatency.Soak;
using LowLatency.Soak.Storms;

const string Usage = """
    Usage: dotnet run -c Release --project tests/LowLatency.Soak -- soak [seconds]
           dotnet run -c Release --project tests/LowLatency.Soak -- storm ADDRESS:PORT ADDRESS:PORT [seconds]
           dotnet run -c Release --project tests/LowLatency.Soak -- idle [held] [active]

      soak    mixed load against a service of its own; checks at the end that nothing has grown
      storm   the 99th percentile of a client alone, and beside slow senders, peers that never read, and resets; what is slow or
              does not read goes to the second address; after the 50th and the 99th percentile, how often a second it happened
      idle    what a connection that is held and silent costs a service of its own

    Exit codes: 0 fine, 1 something has grown or was not answered, 2 wrong command line.

    """;

switch (args)
{
    case ["soak", .. var rest] when rest.Length <= 1:
        return await Soaking.RunAsync(TimeSpan.FromSeconds(Number(rest, 0, 120)));
    case ["storm", var address, var addressOfLines, .. var rest]
        when rest.Length <= 1 && System.Net.IPEndPoint.TryParse(address, out var target) && System.Net.IPEndPoint.TryParse(addressOfLines, out var ofLines):
        await Storm.RunAsync(target, ofLines, TimeSpan.FromSeconds(Number(rest, 0, 3)));
        return 0;
    case ["idle", .. var rest] when rest.Length <= 2:
        return await IdleMemory.RunAsync(Number(rest, 0, 9000), Number(rest, 1, 1000));
    default:
        Console.Error.Write(Usage);
        return 2;
}

static int Number(string[] words, int index, int otherwise)
    => words.Length > index && int.TryParse(words[index], NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : otherwise;
