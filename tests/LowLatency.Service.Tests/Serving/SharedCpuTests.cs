using System.Globalization;
using System.Net;
using LowLatency.Linux;
using LowLatency.Service.Tests.Running;
using Xunit;

namespace LowLatency.Service.Tests.Serving;

/// <summary>Poll threads that are in each other's way on one CPU: slower, and alive.</summary>
public sealed class SharedCpuTests
{
    private const int Requests = 100;

    private static string Cpu { get; } = CpuAffinity.Current[^1].ToString(CultureInfo.InvariantCulture);

    public static TheoryData<string> Strategies => ["BusySpin", "Adaptive"];

    [Theory]
    [MemberData(nameof(Strategies))]
    public async Task Two_services_whose_loops_share_a_CPU_answer_and_are_healthy(string strategy)
    {
        string[] settings = [$"--LowLatency:Polling:WaitStrategy={strategy}", $"--LowLatency:Polling:Cpus={Cpu}"];
        await using ServiceProcess first = await ServiceProcess.StartAsync(settings);
        await using ServiceProcess second = await ServiceProcess.StartAsync(settings);

        await Task.WhenAll(AssertAnswersAsync(first), AssertAnswersAsync(second));

        await AssertHealthyAsync(first);
        await AssertHealthyAsync(second);
    }

    [Theory]
    [MemberData(nameof(Strategies))]
    public async Task Two_loops_of_one_service_on_one_CPU_answer_and_are_healthy(string strategy)
    {
        await using ServiceProcess service = await ServiceProcess.StartAsync(
            $"--LowLatency:Polling:WaitStrategy={strategy}", "--LowLatency:Polling:Loops=2", $"--LowLatency:Polling:Cpus={Cpu},{Cpu}");

        await AssertAnswersAsync(service);

        await AssertHealthyAsync(service);
    }

    [Theory]
    [MemberData(nameof(Strategies))]
    public async Task A_service_that_has_one_CPU_for_everything_answers_and_is_healthy(string strategy)
    {
        await using ServiceProcess service = await ServiceProcess.StartUnderAsync(
            [External.Require("taskset", "util-linux"), "-c", Cpu], null, $"--LowLatency:Polling:WaitStrategy={strategy}");

        await AssertAnswersAsync(service);

        await AssertHealthyAsync(service);
    }

    // Two connections, so that two loops have one each.
    private static async Task AssertAnswersAsync(ServiceProcess service)
    {
        foreach (string endpoint in (string[])["Tcp", "Unix"])
        {
            using ServiceClient client = await service.ConnectAsync(endpoint);
            for (int request = 0; request < Requests; request++)
            {
                Assert.Equal("respuesta", await client.AskAsync("hola"));
            }
        }
    }

    private static async Task AssertHealthyAsync(ServiceProcess service)
    {
        using HttpResponseMessage health = await service.GetAsync("/health/ready");
        Assert.Equal(HttpStatusCode.OK, health.StatusCode);
    }
}
