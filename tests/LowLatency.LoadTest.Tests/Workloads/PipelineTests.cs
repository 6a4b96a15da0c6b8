using System.Text;
using LowLatency.LoadTest.CommandLine;
using LowLatency.LoadTest.Tests.Servers;

namespace LowLatency.LoadTest.Tests.Workloads;

public class PipelineTests
{
    private static readonly byte[] Reply = "respuesta\n"u8.ToArray();

    [Theory]
    [InlineData("1", "1", "spin")]
    [InlineData("16", "1", "spin")]
    [InlineData("16", "5", "block")]
    [InlineData("1000", "2", "spin")]
    public void Every_request_is_answered_once(string pipeline, string connections, string idle)
    {
        using var server = TestServer.AnsweringLines(Reply);

        Invocation run = Run(server, "-n", "5003", "--pipeline", pipeline, "-c", connections, "--idle", idle);

        AccountingTests.AssertIdentity(run);
        Assert.Equal((5003, 5003), (run.Count("attempted"), run.Count("ok")));
        Assert.Equal(ExitCode.Fine, run.ExitCode);
    }

    [Fact]
    public void As_many_requests_are_under_way_as_was_asked_for()
    {
        // Answers only when that many have arrived: fewer would wait for ever.
        using var server = new TestServer(connection =>
        {
            var owed = new List<byte>();
            while (connection.Receive())
            {
                owed.AddRange(connection.Received);
                if (owed.Count == 8 * "hola\n".Length)
                {
                    connection.Send([.. Enumerable.Repeat(Reply, 8).SelectMany(bytes => bytes)]);
                    owed.Clear();
                }
            }
        });

        Invocation run = Run(server, "-n", "80", "--pipeline", "8");

        Assert.Equal((80, 80), (run.Count("attempted"), run.Count("ok")));
    }

    [Fact]
    public void Replies_may_come_in_pieces()
    {
        using var server = new TestServer(connection =>
        {
            while (connection.Receive())
            {
                foreach (byte _ in connection.Received.Where(one => one == '\n'))
                {
                    connection.SendInPieces(Reply);
                }
            }
        });

        Assert.Equal(60, Run(server, "-n", "60", "--pipeline", "4").Count("ok"));
    }

    [Fact]
    public void A_wrong_reply_spoils_itself_and_what_would_have_come_after_it()
    {
        using var server = new TestServer(connection =>
        {
            Await(connection, 4);
            connection.Send(Encoding.ASCII.GetBytes("respuesta\nrespuesta\nrespuesto\nrespuesta\n"));
            connection.KeepSilent();
        });

        Invocation run = Run(server, "-n", "4", "--pipeline", "4");

        AccountingTests.AssertIdentity(run);
        Assert.Equal((2, 2), (run.Count("ok"), run.Count("bad_reply")));
    }

    [Fact]
    public void A_reply_too_many_makes_the_last_one_bad()
    {
        using var server = new TestServer(connection =>
        {
            Await(connection, 4);
            connection.Send([.. Enumerable.Repeat(Reply, 5).SelectMany(bytes => bytes)]);
            connection.KeepSilent();
        });

        Invocation run = Run(server, "-n", "4", "--pipeline", "4");

        AccountingTests.AssertIdentity(run);
        Assert.Equal((3, 1), (run.Count("ok"), run.Count("bad_reply")));
    }

    [Fact]
    public void An_end_in_the_middle_of_a_reply_is_one_bad_reply_and_the_rest_is_eof()
    {
        using var server = new TestServer(connection =>
        {
            Await(connection, 4);
            connection.Send(Encoding.ASCII.GetBytes("respuesta\nrespu"));
        });

        Invocation run = Run(server, "-n", "4", "--pipeline", "4");

        AccountingTests.AssertIdentity(run);
        Assert.Equal((1, 1, 2), (run.Count("ok"), run.Count("bad_reply"), run.Count("eof")));
    }

    [Fact]
    public void Silence_in_the_middle_of_a_reply_is_one_bad_reply_and_the_rest_are_timeouts()
    {
        using var server = new TestServer(connection =>
        {
            Await(connection, 4);
            connection.Send(Encoding.ASCII.GetBytes("respu"));
            connection.KeepSilent();
        });

        var run = Invocation.Of(server.Url, "--mode", "pipelined", "--framing", "line", "-n", "4", "--pipeline", "4", "--warmup", "0", "--timeout", AccountingTests.Prompt, "--json", "-");

        AccountingTests.AssertIdentity(run);
        Assert.Equal((1, 3), (run.Count("bad_reply"), run.Count("timeout")));
    }

    [Fact]
    public void More_than_the_sockets_hold_goes_both_ways_at_once()
    {
        string file = Path.GetTempFileName();
        File.WriteAllText(file, new string('x', 300_000) + "\n");
        using var server = new TestServer(connection =>
        {
            while (connection.Receive())
            {
                connection.Send(connection.Received);
            }
        });

        Invocation run = Run(server, "-n", "100", "--pipeline", "50", "--request", "@" + file, "--expect", "@" + file);

        File.Delete(file);
        Assert.Equal((100, 100), (run.Count("attempted"), run.Count("ok")));
    }

    private static void Await(TestConnection connection, int requests)
    {
        for (int received = 0; received < requests * "hola\n".Length; received += connection.Received.Length)
        {
            connection.Receive();
        }
    }

    private static Invocation Run(TestServer server, params string[] more)
        => Invocation.Of([server.Url, "--mode", "pipelined", "--framing", "line", "--warmup", "0", "--timeout", "20s", "--json", "-", .. more]);
}
