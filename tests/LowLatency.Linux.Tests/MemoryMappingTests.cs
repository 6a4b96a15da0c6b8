using Xunit;

namespace LowLatency.Linux.Tests;

/// <summary>A mapping is what was asked for, in the order asked for, and nothing beyond the file.</summary>
public sealed unsafe class MemoryMappingTests : IDisposable
{
    private static readonly int Page = Environment.SystemPageSize;
    private readonly MemoryFile _file;

    public MemoryMappingTests()
    {
        Assert.Equal(Errno.None, MemoryFile.TryCreate("test", 4 * Page, out MemoryFile? file));
        _file = file!;
    }

    [Fact]
    public void A_ring_that_is_mapped_twice_goes_on_at_its_beginning()
    {
        var ring = new MemoryRange(2 * Page, 2 * Page);
        using MemoryMapping mapping = Map(new MemoryRange(0, Page), ring, ring);
        Assert.Equal(5 * Page, mapping.Length);
        byte* start = mapping.Start + Page;
        *(long*)(start + (2 * Page) - sizeof(int)) = 0x1122_3344_5566_7788;
        Assert.Equal(0x1122_3344, *(int*)start);
        Assert.Equal(0x5566_7788, *(int*)(start + (4 * Page) - sizeof(int)));
    }

    [Fact]
    public void Ranges_come_in_the_order_given()
    {
        using MemoryMapping forward = Map(new MemoryRange(0, 4 * Page));
        using MemoryMapping backward = Map(new(3 * Page, Page), new(2 * Page, Page), new(Page, Page), new(0, Page));
        for (int page = 0; page < 4; page++)
        {
            forward.Start[page * Page] = (byte)(page + 1);
        }

        Assert.Equal([4, 3, 2, 1], Enumerable.Range(0, 4).Select(page => (int)backward.Start[page * Page]));
    }

    [Fact]
    public void A_mapping_outlives_its_file()
    {
        using MemoryMapping mapping = Map(new MemoryRange(0, Page));
        _file.Dispose();
        mapping.Start[0] = 1;
        Assert.Equal(1, mapping.Start[0]);
    }

    [Fact]
    public void Populating_brings_every_page_in_and_changes_none()
    {
        var ring = new MemoryRange(Page, 2 * Page);
        using MemoryMapping mapping = Map(ring, ring);
        Assert.Equal(0, MappedPages.ResidentBytes(mapping));
        mapping.Start[Page] = 7;
        Assert.Equal(Errno.None, mapping.TryPopulate());
        Assert.Equal(4 * Page, MappedPages.ResidentBytes(mapping));
        Assert.Equal((0, 7), (mapping.Start[0], mapping.Start[Page]));
    }

    [Fact]
    public void Touching_does_the_same_for_a_kernel_that_cannot()
    {
        var ring = new MemoryRange(Page, 2 * Page);
        using MemoryMapping mapping = Map(ring, ring);
        mapping.Start[Page] = 7;
        mapping.TouchEveryPage();
        Assert.Equal(4 * Page, MappedPages.ResidentBytes(mapping));
        Assert.Equal((0, 7), (mapping.Start[0], mapping.Start[Page]));
    }

    [Fact]
    public void Populating_what_was_cut_off_is_an_error_number_and_no_crash()
    {
        using MemoryMapping mapping = Map(new MemoryRange(0, 4 * Page));
        Assert.Equal(0, Libc.Truncate(_file.Descriptor, Page));
        Assert.Equal(Errno.BadAddress, mapping.TryPopulate());
    }

    [Fact]
    public void Children_and_core_dumps_do_without()
    {
        using MemoryMapping mapping = Map(new(0, Page), new(0, Page));
        Assert.All(MappedPages.Flags(mapping), flags => Assert.Superset(new HashSet<string> { "dc", "dd" }, flags.ToHashSet()));
    }

    [Fact]
    public void A_mapping_still_writes_after_the_seal_against_further_ones()
    {
        using MemoryMapping mapping = Map(new MemoryRange(0, Page));
        Assert.Equal(Errno.Busy, _file.TryAddSeals(MemorySeals.Write));
        Assert.Equal(Errno.None, _file.TryAddSeals(MemorySeals.FutureWrite | MemorySeals.Seal));
        Assert.Equal(Errno.None, mapping.TryPopulate());
        mapping.Start[0] = 1;

        Assert.Equal(Errno.NotPermitted, MemoryMapping.TryMap(_file, [new(0, Page)], out MemoryMapping? another));
        Assert.Null(another);
    }

    [Fact]
    public void Parts_of_pages_and_places_outside_the_file_are_refused()
    {
        AssertRefused(new MemoryRange(1, Page));
        AssertRefused(new MemoryRange(0, Page - 1));
        AssertRefused(new MemoryRange(0, 0));
        AssertRefused(new MemoryRange(0, -Page));
        AssertRefused(new MemoryRange(-Page, Page));
        AssertRefused(new MemoryRange(0, 5 * Page));
        AssertRefused(new MemoryRange(4 * Page, Page));
        AssertRefused(new MemoryRange(long.MaxValue - Page + 1, Page));
        AssertRefused();
    }

    [Fact]
    public void One_bad_range_spoils_them_all() => AssertRefused(new(0, Page), new(0, 5 * Page));

    public void Dispose() => _file.Dispose();

    private MemoryMapping Map(params MemoryRange[] ranges)
    {
        Assert.Equal(Errno.None, MemoryMapping.TryMap(_file, ranges, out MemoryMapping? mapping));
        return mapping!;
    }

    private void AssertRefused(params MemoryRange[] ranges)
    {
        Assert.Equal(Errno.Invalid, MemoryMapping.TryMap(_file, ranges, out MemoryMapping? mapping));
        Assert.Null(mapping);
    }
}
