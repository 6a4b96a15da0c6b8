using LowLatency.LoadTest.Machine;

namespace LowLatency.LoadTest.Tests.Machine;

/// <summary>What is told of machines that are made of files.</summary>
public sealed class MachineTests : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("lowlatency-");

    [Fact]
    public void What_the_machine_does_not_say_is_unknown()
    {
        string root = _root.FullName;
        string[] told = [MachineDescription.CpuModel(root), MachineDescription.Governor(root), MachineDescription.Smt(root),
            MachineDescription.ClockSource(root), MachineDescription.Kernel(root), CpuQuota.Read(root)];
        Assert.All(told, value => Assert.Equal("unknown", value));
    }

    [Fact]
    public void What_it_does_say_is_told()
    {
        Put("proc/cpuinfo", "processor\t: 0\nmodel name\t: A CPU @ 3 GHz\n");
        Put("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "performance\n");
        Put("sys/devices/system/cpu/cpu1/cpufreq/scaling_governor", "powersave\n");
        Put("sys/devices/system/cpu/smt/active", "1\n");
        Put("sys/devices/system/clocksource/clocksource0/current_clocksource", "tsc\n");
        string root = _root.FullName;
        Assert.Equal("A CPU @ 3 GHz", MachineDescription.CpuModel(root));
        Assert.Equal("performance, powersave", MachineDescription.Governor(root));
        Assert.Equal("on", MachineDescription.Smt(root));
        Assert.Equal("tsc", MachineDescription.ClockSource(root));
    }

    [Theory]
    [InlineData("max 100000", "150000 100000", "1.5")]
    [InlineData("50000 100000", "max 100000", "0.5")]
    [InlineData("50000 100000", "150000 100000", "0.5")]
    [InlineData("max 100000", "max 100000", "none")]
    public void The_least_quota_on_the_way_to_the_root_counts(string outer, string inner, string expected)
    {
        Put("proc/self/cgroup", "0::/outer/inner\n");
        Put("sys/fs/cgroup/outer/cpu.max", outer);
        Put("sys/fs/cgroup/outer/inner/cpu.max", inner);
        Assert.Equal(expected, CpuQuota.Read(_root.FullName));
    }

    [Theory]
    [InlineData("200000", "2")]
    [InlineData("-1", "none")]
    public void Control_groups_of_version_1_have_quotas_too(string quota, string expected)
    {
        Put("proc/self/cgroup", "2:cpuacct,cpu:/pod\n1:name=systemd:/\n");
        Put("sys/fs/cgroup/cpu/pod/cpu.cfs_quota_us", quota);
        Put("sys/fs/cgroup/cpu/pod/cpu.cfs_period_us", "100000");
        Assert.Equal(expected, CpuQuota.Read(_root.FullName));
    }

    [Fact]
    public void In_a_container_the_quota_is_at_the_mount_whatever_the_path()
    {
        Put("proc/self/cgroup", "0::/seen/from/outside\n");
        Put("sys/fs/cgroup/cpu.max", "25000 100000");
        Assert.Equal("0.25", CpuQuota.Read(_root.FullName));
    }

    [Theory]
    [InlineData(new int[0], "")]
    [InlineData(new[] { 3 }, "3")]
    [InlineData(new[] { 0, 1, 2, 3, 8 }, "0-3,8")]
    [InlineData(new[] { 0, 2, 4, 5 }, "0,2,4-5")]
    public void CPUs_are_written_as_ranges(int[] cpus, string text) => Assert.Equal(text, MachineDescription.Ranges(cpus));

    public void Dispose() => _root.Delete(recursive: true);

    private void Put(string path, string text)
    {
        string file = Path.Combine(_root.FullName, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }
}
