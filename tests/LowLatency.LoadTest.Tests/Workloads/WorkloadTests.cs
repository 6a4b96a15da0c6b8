using System.Buffers.Binary;
using LowLatency.LoadTest.CommandLine;
using LowLatency.LoadTest.Measurement;
using LowLatency.LoadTest.Tests.Servers;
using LowLatency.LoadTest.Workloads;
using LowLatency.Transports;

namespace LowLatency.LoadTest.Tests.Workloads;

public class WorkloadTests
{
    private static readonly byte[] Respuesta = "respuesta"u8.ToArray();

    [Theory]
    [InlineData("ping-pong", "spin", "1")]
    [InlineData("ping-pong", "block", "1")]
    [InlineData("ping-pong", "spin", "3")]
    [InlineData("per-connection", "block", "2")]
    [InlineData("open-loop", "block", "3")]
    public void A_hundred_connections_share_the_requests_exactly(string mode, string idle, string threads)
    {
        using var server = TestServer.Answering(Respuesta);

        var run = Invocation.Of([server.Url, "-c", "100", "-t", threads, "-n", "1001", "--mode", mode, "--idle", idle, "--warmup", "0", "--timeout", "10s", "--json", "-", .. mode == "open-loop" ? ["-R", "5k"] : Array.Empty<string>()]);

        AccountingTests.AssertIdentity(run);
        Assert.Equal((1001, 1001), (run.Count("attempted"), run.Count("ok")));
        Assert.Equal(100, (int)run.Run["connections"]!["requested"]!);

        // A busy machine makes the tester late, and then it says so.
        Assert.True(run.ExitCode == ExitCode.Fine || (mode == "open-loop" && run.ExitCode == ExitCode.Invalid));
    }

    [Fact]
    public void All_connections_of_ping_pong_are_established_before_the_first_request()
    {
        using var server = TestServer.Answering(Respuesta);
        var run = Invocation.Of(server.Url, "-c", "20", "-n", "1", "--warmup", "0", "--idle", "block", "--timeout", "10s", "--json", "-");
        Assert.Equal(20, (int)run.Run["connections"]!["established"]!);
    }

    [Fact]
    public void Warm_up_requests_are_made_and_not_counted()
    {
        long served = 0;
        using var server = new TestServer(connection =>
        {
            while (connection.Receive())
            {
                Interlocked.Increment(ref served);
                connection.Send(Respuesta);
            }
        });

        var run = Invocation.Of(server.Url, "-n", "10", "--warmup", "50ms", "--json", "-");

        Assert.Equal((10, 10), (run.Count("attempted"), run.Count("ok")));
        Assert.True(Interlocked.Read(ref served) > 10);
    }

    [Fact]
    public void A_duration_ends_a_run_that_has_no_number_of_requests()
    {
        using var server = TestServer.Answering(Respuesta);

        var run = Invocation.Of(server.Url, "-d", "1s", "--warmup", "0", "--json", "-");

        AccountingTests.AssertIdentity(run);
        // At the most, a reply that is waited for until its timeout, which is ten.
        Assert.InRange((double)run.Run["duration_s"]!, 1, 11);
        Assert.True(run.Count("ok") > 0);
    }

    [Fact]
    public void A_duration_ends_a_run_before_its_number_of_requests_if_both_are_given()
    {
        using var server = TestServer.Answering(Respuesta);

        var run = Invocation.Of(server.Url, "-d", "1s", "-n", "100M", "--warmup", "0", "--json", "-");

        AccountingTests.AssertIdentity(run);
        Assert.InRange(run.Count("ok"), 1, 99_999_999);
        Assert.Equal(ExitCode.Fine, run.ExitCode);
    }

    [Fact]
    public void Per_connection_uses_a_connection_for_every_request()
    {
        int connections = 0;
        using var server = new TestServer(connection =>
        {
            if (connection.Receive())
            {
                Interlocked.Increment(ref connections);
                connection.Send(Respuesta);
                connection.KeepSilent();
            }
        });

        var run = Invocation.Of(server.Url, "-n", "25", "--mode", "per-connection", "--warmup", "0", "--json", "-");

        Assert.Equal(25, run.Count("ok"));
        Assert.Equal(25, connections);
    }

    [Fact]
    public void Per_connection_tells_connect_first_byte_and_total_apart()
    {
        using var server = new TestServer(connection =>
        {
            connection.Receive();
            connection.SendInPieces(Respuesta);
            connection.KeepSilent();
        });
        Assert.True(EndpointUrl.TryParse(server.Url, out EndpointUrl? target, out _));
        using var run = new WorkloadRun(new Workload { Target = target, Mode = WorkloadMode.PerConnection, Requests = 50, Timeout = TimeSpan.FromSeconds(10) });

        RunResult result = run.Execute(_ => { }, TestContext.Current.CancellationToken);

        (LatencyRecorder connect, LatencyRecorder firstByte) = (result.ConnectTimes!, result.FirstByteTimes!);
        Assert.Equal((50, 50, 50), (connect.Count, firstByte.Count, result.Latencies.Count));
        Assert.True(connect.Minimum > 0 && firstByte.Minimum > 0);
        Assert.True(connect.Mean + firstByte.Mean <= result.Latencies.Mean);
        Assert.Null(result.ServiceTimes);
    }

    [Fact]
    public void A_run_that_missed_its_rate_says_why_and_ends_with_3()
    {
        // One request at a time, and each takes ten times as long as there is.
        using var server = new TestServer(connection =>
        {
            while (connection.Receive())
            {
                Thread.Sleep(10);
                connection.Send(Respuesta);
            }
        });

        var run = Invocation.Of(server.Url, "--mode", "open-loop", "-R", "1k", "-d", "300ms", "--warmup", "0", "--timeout", "2s", "--quiet", "--json", "-");

        AccountingTests.AssertIdentity(run);
        Assert.Equal(300, run.Count("attempted"));
        Assert.InRange(run.Count("dropped"), 1, 299);
        Assert.StartsWith("loadtest: INVALID: the t", run.Error, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Invalid, run.ExitCode);
    }

    [Theory]
    [InlineData("none")]
    [InlineData("line")]
    [InlineData("lengthprefix")]
    public void A_reply_may_come_in_pieces(string framing)
    {
        byte[] reply = framing switch
        {
            "line" => [.. Respuesta, (byte)'\n'],
            "lengthprefix" => [0, 0, 0, 9, .. Respuesta],
            _ => Respuesta,
        };
        using var server = new TestServer(connection =>
        {
            while (connection.Receive())
            {
                connection.SendInPieces(reply);
            }
        });

        var run = Invocation.Of(server.Url, "-n", "20", "--framing", framing, "--warmup", "0", "--timeout", "10s", "--json", "-");

        Assert.Equal((20, 20), (run.Count("attempted"), run.Count("ok")));
    }

    [Theory]
    [InlineData("line", "hola\n")]
    [InlineData("LengthPrefix", "\0\0\0\u0004hola")]
    [InlineData("none", "hola")]
    public void The_request_is_framed(string framing, string onTheWire)
    {
        string? received = null;
        using var server = new TestServer(connection =>
        {
            connection.Receive();
            received = System.Text.Encoding.ASCII.GetString(connection.Received);
        });

        Invocation.Of(server.Url, "-n", "1", "--framing", framing, "--warmup", "0");

        Assert.Equal(onTheWire, received);
    }

    [Fact]
    public void A_megabyte_goes_out_and_comes_back()
    {
        string file = Path.GetTempFileName();
        byte[] payload = new byte[1_000_000];
        Random.Shared.NextBytes(payload);
        File.WriteAllBytes(file, payload);
        using var server = new TestServer(connection =>
        {
            while (connection.Receive())
            {
                connection.Send(connection.Received);
            }
        });

        var run = Invocation.Of(server.Url, "-n", "5", "--request", "@" + file, "--expect", "@" + file, "--warmup", "0", "--timeout", "10s", "--json", "-");

        File.Delete(file);
        Assert.Equal((5, 5), (run.Count("attempted"), run.Count("ok")));
    }

    [Fact]
    public void A_wrong_length_prefix_is_a_bad_reply()
    {
        byte[] reply = [0, 0, 0, 0, .. Respuesta];
        BinaryPrimitives.WriteInt32LittleEndian(reply, Respuesta.Length);
        using var server = TestServer.Answering(reply);

        var run = Invocation.Of(server.Url, "-n", "3", "--framing", "lengthprefix", "--warmup", "0", "--json", "-");

        Assert.Equal(3, run.Count("bad_reply"));
    }
}
