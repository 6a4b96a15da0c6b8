using LowLatency.LoadTest.CommandLine;

namespace LowLatency.LoadTest.Tests.CommandLine;

public class UsageTests
{
    [Theory]
    [InlineData("swep", "swep", "run, demo")]
    [InlineData("--nope", "--nope", "--help")]
    [InlineData("run --nope", "--nope", "--help")]
    [InlineData("shm://x.sock", "shm://", "tcp://")]
    [InlineData("udp://127.0.0.1:1", "udp://", "tcp://")]
    [InlineData("tls://nowhere:1", "tls://nowhere", "tls://ADDRESS:PORT")]
    [InlineData("--insecure", "--insecure", "tls://ADDRESS:PORT")]
    [InlineData("unix:///tmp/a.sock --ca ca.pem", "--ca", "tls://ADDRESS:PORT")]
    [InlineData("tcp://127.0.0.1:1 --server-name a", "--server-name", "tls://ADDRESS:PORT")]
    [InlineData("tcp://127.0.0.1:1 --cert a.pem", "--cert", "tls://ADDRESS:PORT")]
    [InlineData("tls://127.0.0.1:1 --key a.pem", "--key", "--cert")]
    [InlineData("tls://127.0.0.1:1 --ca /nowhere/ca.pem", "--ca: '/nowhere/ca.pem'", "a PEM file")]
    [InlineData("tls://127.0.0.1:1 --ca /dev/null", "--ca: '/dev/null'", "a PEM file")]
    [InlineData("tls://127.0.0.1:1 --cert /dev/null", "--cert: '/dev/null'", "a PEM file")]
    [InlineData("tls://127.0.0.1:1 --ca ca.pem --insecure", "--insecure", "one of them")]
    [InlineData("tls://127.0.0.1:1 --mode pipelined", "--framing", "line, lengthprefix")]
    [InlineData("sweep --rates 1k --insecure", "--insecure", "tls://ADDRESS:PORT")]
    [InlineData("search --threshold errors==0 --insecure", "--insecure", "tls://ADDRESS:PORT")]
    [InlineData("compare --a tcp://127.0.0.1:1 --b unix:///tmp/a.sock --insecure", "--insecure", "tls://ADDRESS:PORT")]
    [InlineData("tcp://nowhere", "tcp://nowhere", "tcp://ADDRESS:PORT")]
    [InlineData("-c 0", "--connections", "from 1")]
    [InlineData("-c -1", "--connections", "from 1")]
    [InlineData("-c 2M", "--connections", "at most 1M")]
    [InlineData("-c", "--connections", "--help")]
    [InlineData("--json", "--json", "file|-")]
    [InlineData("-n 0", "--requests", "from 1")]
    [InlineData("-n 5x", "--requests", "k or M")]
    [InlineData("-n 1 -n 2", "-n", "single")]
    [InlineData("-d 10", "--duration", "500ms")]
    [InlineData("-d 10h", "--duration", "ns, us, ms, s or m")]
    [InlineData("-d -1s", "--duration", "500ms")]
    [InlineData("-d 0", "--duration", "500ms")]
    [InlineData("--warmup soon", "--warmup", "500ms")]
    [InlineData("--timeout 0s", "--timeout", "500ms")]
    [InlineData("-t 0", "--threads", "from 1")]
    [InlineData("-t 2", "--threads", "connections")]
    [InlineData("--framing lines", "--framing", "none, line, lengthprefix")]
    [InlineData("--idle sleep", "--idle", "spin, block")]
    [InlineData("--mode open", "--mode", "ping-pong, per-connection, open-loop, pipelined")]
    [InlineData("--mode open-loop", "--rate", "above 0")]
    [InlineData("--mode open-loop -R 0", "--rate", "above 0")]
    [InlineData("--mode open-loop -R -5", "--rate", "above 0")]
    [InlineData("--mode open-loop --rate -5k", "--rate", "above 0")]
    [InlineData("--mode open-loop --rate fast", "--rate", "k or M")]
    [InlineData("--mode open-loop --rate 200M", "--rate", "100M")]
    [InlineData("--mode open-loop -R 1k --arrivals random", "--arrivals", "constant, poisson")]
    [InlineData("--mode open-loop -R 1k --seed x", "--seed", "whole number")]
    [InlineData("-R 1k", "--rate", "--mode open-loop")]
    [InlineData("--arrivals poisson", "--arrivals", "--mode open-loop")]
    [InlineData("--pipeline 4", "--pipeline", "--mode pipelined")]
    [InlineData("--mode per-connection --pipeline 4", "--pipeline", "--mode pipelined")]
    [InlineData("--mode open-loop -R 1k --pipeline 4", "--pipeline", "--mode pipelined")]
    [InlineData("--mode pipelined --framing line --pipeline 0", "--pipeline", "from 1")]
    [InlineData("--mode pipelined --framing line --pipeline 1M", "--pipeline", "10000")]
    [InlineData("--mode pipelined", "--framing", "line, lengthprefix")]
    [InlineData("unix:///tmp/a.sock --mode pipelined --framing none", "--framing", "line, lengthprefix")]
    [InlineData("--cpu x", "--cpu", "CPUs")]
    [InlineData("--cpu 99999", "--cpu", "CPUs")]
    [InlineData("--request @/nowhere", "--request", "@file")]
    [InlineData(@"--expect \q", "--expect", @"\xHH")]
    [InlineData("--json /nowhere/at/all.json", "--json", "-")]
    [InlineData("--json /", "--json", "a file that can")]
    [InlineData("--hgrm /nowhere/at/all.hgrm", "--hgrm", "a file that can")]
    [InlineData("--hgrm -", "--hgrm", "a file")]
    [InlineData("--csv /nowhere/at/all.csv", "--csv", "a file that can")]
    [InlineData("--csv /proc/nothing.csv", "--csv", "a file that can")]
    [InlineData("--csv /tmp/same --hgrm /tmp/../tmp/same", "--csv", "a file for each")]
    [InlineData("--threshold fast", "--threshold", "p99.9<50us")]
    [InlineData("--sidecar 127.0.0.1:9464", "--sidecar", "http://127.0.0.1:9464")]
    [InlineData("--sidecar http://127.0.0.1:9464/other", "--sidecar", "none")]
    [InlineData("--sidecar ftp://127.0.0.1", "--sidecar", "none")]
    [InlineData("tcp://127.0.0.1:1 tcp://127.0.0.1:2", "tcp://127.0.0.1:2", "run --help")]
    [InlineData("demo tcp://127.0.0.1:1", "tcp://127.0.0.1:1", "demo --help")]
    [InlineData("reference tcp://127.0.0.1:1", "tcp://127.0.0.1:1", "")]
    [InlineData("reference --only nope", "--only", "tcp-p50")]
    [InlineData("reference --rounds 0", "--rounds", "from 1")]
    [InlineData("reference --rounds 2k", "--rounds", "1000")]
    [InlineData("reference -d 0", "--duration", "500ms")]
    [InlineData("reference --warmup soon", "--warmup", "500ms")]
    [InlineData("reference --cpu x", "--cpu", "CPUs")]
    [InlineData("reference --server-cpu 99999", "--server-cpu", "CPUs")]
    [InlineData("reference --json /nowhere/at/all.json", "--json", "-")]
    [InlineData("reference --service /nowhere/at/all", "--service", "native executable")]
    [InlineData("reference-server --app raw --tcp tcp://127.0.0.1:0", "--transport", "")]
    public void A_mistake_is_one_line_that_names_it_and_what_is_allowed(string arguments, string named, string allowed)
    {
        var invocation = Invocation.Of(arguments.Split(' '));

        Assert.Equal(ExitCode.Usage, invocation.ExitCode);
        Assert.Contains(named, invocation.OnlyErrorLine, StringComparison.Ordinal);
        Assert.Contains(allowed, invocation.OnlyErrorLine, StringComparison.Ordinal);
        Assert.Empty(invocation.Output);
    }

    [Fact]
    public void An_empty_request_or_reply_is_a_mistake()
    {
        Assert.Contains("--request", Invocation.Of("--request", "").OnlyErrorLine, StringComparison.Ordinal);
        Assert.Contains("--expect", Invocation.Of("--expect", "").OnlyErrorLine, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("run --help")]
    [InlineData("sweep --help")]
    [InlineData("search --help")]
    [InlineData("compare --help")]
    [InlineData("report --help")]
    [InlineData("demo --help")]
    [InlineData("reference --help")]
    [InlineData("help")]
    [InlineData("--version")]
    public void Help_is_no_mistake(string arguments)
    {
        var invocation = Invocation.Of(arguments.Split(' '));

        Assert.Equal(ExitCode.Fine, invocation.ExitCode);
        Assert.Empty(invocation.Error);
        Assert.NotEmpty(invocation.Output);
    }

    [Fact]
    public void The_help_of_all_has_a_line_for_each_verb()
    {
        string[] lines = Invocation.Of("--help").Output.Split('\n', StringSplitOptions.TrimEntries);
        int verbs = Array.IndexOf(lines, "Commands:");
        Assert.Equal(
            ["run", "demo", "sweep", "search", "compare", "report", "reference"],
            lines[(verbs + 1)..].Where(line => line.Length > 0).Select(line => line.Split(' ')[0]));
    }

    [Theory]
    [InlineData("run", "10s")]
    [InlineData("sweep", "10s")]
    [InlineData("search", "1s")]
    [InlineData("compare", "1s")]
    public void Help_tells_how_long_a_run_of_the_verb_is(string verb, string duration)
    {
        string line = Assert.Single(Invocation.Of(verb, "--help").Output.Split('\n'), line => line.Contains("-d, --duration", StringComparison.Ordinal));
        Assert.Contains($"(default {duration})", line, StringComparison.Ordinal);
    }
}
