using Xunit;

namespace LowLatency.Linux.Tests;

/// <summary>The least quota on the way to the root counts.</summary>
public sealed class CgroupQuotaTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ll-").FullName;

    [Theory]
    [InlineData("150000 100000", 1.5)]
    [InlineData("5000 10000\n", 0.5)]
    public void A_quota_is_told_in_CPUs(string quota, double cpus)
    {
        Quota("/", quota);
        Assert.Equal(cpus, Read("0::/\n"));
    }

    [Fact]
    public void The_least_quota_on_the_way_to_the_root_counts()
    {
        Quota("/", "max 100000");
        Quota("/a", "50000 100000");
        Quota("/a/b", "200000 100000");
        Assert.Equal(0.5, Read("0::/a/b\n"));
    }

    [Fact]
    public void A_quota_beside_the_way_does_not_count()
    {
        Quota("/a", "50000 100000");
        Quota("/b", "100000 100000");
        Assert.Equal(1, Read("0::/b\n"));
    }

    [Theory]
    [InlineData("max 100000")]
    [InlineData("")]
    [InlineData("garbage")]
    public void No_quota_is_no_limit(string quota)
    {
        Quota("/", quota);
        Assert.Null(Read("0::/\n"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("4:cpu,cpuacct:/a\n")]
    public void A_membership_without_a_cgroup_of_version_2_is_no_limit(string membership)
    {
        Quota("/", "50000 100000");
        Assert.Null(Read(membership));
    }

    [Fact]
    public void Without_the_files_there_is_no_limit()
        => Assert.Null(CpuTopology.CgroupQuota(Path.Join(_folder, "missing"), _folder));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private void Quota(string group, string text)
        => File.WriteAllText(Path.Join(Directory.CreateDirectory(Path.Join(_folder, "mount", group)).FullName, "cpu.max"), text);

    private double? Read(string membership)
    {
        string file = Path.Join(_folder, "membership");
        File.WriteAllText(file, membership);
        return CpuTopology.CgroupQuota(file, Path.Join(_folder, "mount"));
    }
}
