using LowLatency.LoadTest.Baselines;

namespace LowLatency.LoadTest.Tests.Baselines;

public class RowsTests
{
    [Fact]
    public void Every_row_has_a_name_of_its_own_and_something_to_be_compared_with()
    {
        Assert.Distinct(Rows.All.Select(row => row.Name));
        Assert.All(Rows.All, row => Assert.NotEmpty(row.Yardsticks));
        Assert.All(Rows.All, row => Assert.All(row.Yardsticks, yardstick => Assert.NotEqual((row.Subject, row.Figure), (yardstick.Cell, yardstick.Figure ?? row.Figure))));
    }

    [Fact]
    public void What_several_rows_need_is_measured_once()
    {
        Cell[] cells = [.. Rows.All.SelectMany(row => row.Cells)];
        Assert.True(cells.Distinct().Count() < cells.Length);
        Assert.Equal(Rows.All[0].Subject, Rows.All[1].Subject);
    }

    [Theory]
    [InlineData("Max open files            1024                 20000                files     ", 1_024)]
    [InlineData("Max open files            unlimited            unlimited            files     ", long.MaxValue)]
    [InlineData("Max processes             7                    7                    processes ", long.MaxValue)]
    public void The_limit_on_open_files_is_the_soft_one(string line, long limit)
        => Assert.Equal(limit, OpenFileLimit.Read(["Limit                     Soft Limit           Hard Limit           Units     ", line]));

    [Fact]
    public void More_connections_than_open_files_are_refused_with_the_reason()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The limit is read from /proc.");
        Assert.Null(IdleConnections.WhyNot(0));
        Assert.Contains("hard limit", IdleConnections.WhyNot(int.MaxValue - 1_000), StringComparison.Ordinal);
    }
}
