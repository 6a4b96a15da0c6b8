using System.Globalization;
using LowLatency.Soak;
using LowLatency.Soak.Storms;

const string Usage = """
    Usage: dotnet run -c Release --project tests/LowLatency.Soak -- soak [seconds]
           dotnet run -c Release --project tests/LowLatency.Soak -- storm SECONDS (NAME PID SERVER SLOW UNREAD)...
           dotnet run -c Release --project tests/LowLatency.Soak -- idle [held] [active]

      soak    mixed load against a service of its own; checks at the end that nothing has grown
      storm   the 99th percentile of a client alone, and beside slow senders, peers that never read, and resets. The servers take
              turns of a tenth of a second, while the others are stopped. Those who are slow go to the address SLOW, those who
              never read to UNREAD, which is - for nobody: they do the same, and no server has to do with it. Prints the name, the
              kind, the 50th and the 99th percentile in microseconds, and how often a second it happened to the first
      idle    what a connection that is held and silent costs a service of its own

    Exit codes: 0 fine, 1 something has grown or was not answered, 2 wrong command line.

    """;

switch (args)
{
    case ["soak", .. var rest] when rest.Length <= 1:
        return await Soaking.RunAsync(TimeSpan.FromSeconds(Number(rest, 0, 120)));
    case ["storm", var seconds, .. var contenders] when contenders.Length > 0 && contenders.Length % 5 == 0 && int.TryParse(seconds, out int duration):
        var parsed = new List<Contender>();
        foreach (string[] words in contenders.Chunk(5))
        {
            if (!Contender.TryParse(words, out Contender? contender))
            {
                goto default;
            }

            parsed.Add(contender);
        }

        await Storm.RunAsync(parsed, TimeSpan.FromSeconds(duration));
        return 0;
    case ["idle", .. var rest] when rest.Length <= 2:
        return await IdleMemory.RunAsync(Number(rest, 0, 9000), Number(rest, 1, 1000));
    default:
        Console.Error.Write(Usage);
        return 2;
}

static int Number(string[] words, int index, int otherwise)
    => words.Length > index && int.TryParse(words[index], NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : otherwise;
