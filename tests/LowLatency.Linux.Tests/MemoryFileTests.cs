using Xunit;

namespace LowLatency.Linux.Tests;

/// <summary>A memory file has its memory from the start, and what is sealed stays sealed.</summary>
public sealed class MemoryFileTests
{
    private const int Bytes = 128 * 1024;

    [Fact]
    public void A_new_file_is_as_long_as_asked_for_and_allocated()
    {
        using MemoryFile file = Create();
        Assert.Equal(Errno.None, file.TryGetLength(out long length));
        Assert.Equal(Bytes, length);
        Assert.Equal(Bytes, AllocatedBytes(file));
    }

    [Fact]
    public void A_new_file_can_be_sealed_and_never_be_executable()
    {
        using MemoryFile file = Create();
        Assert.Equal(Errno.None, file.TryGetSeals(out MemorySeals seals));
        Assert.Equal(Environment.OSVersion.Version >= new Version(6, 3) ? MemorySeals.Exec : MemorySeals.None, seals);
    }

    [Fact]
    public void Seals_add_up()
    {
        using MemoryFile file = Create();
        Assert.Equal(Errno.None, file.TryAddSeals(MemorySeals.Shrink));
        Assert.Equal(Errno.None, file.TryAddSeals(MemorySeals.Grow));
        Assert.Equal(Errno.None, file.TryGetSeals(out MemorySeals seals));
        Assert.Equal(MemorySeals.Shrink | MemorySeals.Grow, seals & ~MemorySeals.Exec);
    }

    [Theory]
    [InlineData(MemorySeals.Shrink, Bytes / 2)]
    [InlineData(MemorySeals.Grow, Bytes * 2)]
    public void A_sealed_length_does_not_change(MemorySeals seal, long length)
    {
        using MemoryFile file = Create();
        Assert.Equal(Errno.None, file.TryAddSeals(seal));
        Assert.Equal(-1, Libc.Truncate(file.Descriptor, length));
        Assert.Equal(Errno.NotPermitted, (Errno)Libc.LastError);
        file.TryGetLength(out long after);
        Assert.Equal(Bytes, after);
    }

    [Fact]
    public void After_the_last_seal_there_is_no_other()
    {
        using MemoryFile file = Create();
        Assert.Equal(Errno.None, file.TryAddSeals(MemorySeals.Seal));
        Assert.Equal(Errno.NotPermitted, file.TryAddSeals(MemorySeals.Shrink));
    }

    [Fact]
    public void Anything_but_memory_has_no_seals()
    {
        // What a descriptor was received for may be anything.
        using var file = new EventFile();
        using var notMemory = MemoryFile.Own(Duplicate(file));
        Assert.Equal(Errno.Invalid, notMemory.TryGetSeals(out MemorySeals seals));
        Assert.Equal(MemorySeals.None, seals);
    }

    [Fact]
    public void What_the_kernel_refuses_is_an_error_number()
    {
        Assert.Equal(Errno.Invalid, MemoryFile.TryCreate(new string('n', 250), Bytes, out MemoryFile? file));
        Assert.Null(file);
    }

    [Fact]
    public void No_length_at_all_is_refused()
        => Assert.Throws<ArgumentOutOfRangeException>(() => MemoryFile.TryCreate("test", 0, out _));

    private static MemoryFile Create()
    {
        Assert.Equal(Errno.None, MemoryFile.TryCreate("test", Bytes, out MemoryFile? file));
        return file!;
    }

    private static unsafe long AllocatedBytes(MemoryFile file)
    {
        // stx_blocks of struct statx, in units of 512 bytes whatever the page size.
        byte* status = stackalloc byte[256];
        Assert.Equal(0, Libc.Status(file.Descriptor, "", 0x1000, 0x400, status));
        return *(long*)(status + 48) * 512;
    }

    private static int Duplicate(EventFile file)
    {
        const int duplicateCloseOnExec = 1030;
        int descriptor = Libc.FileControl(file.Descriptor, duplicateCloseOnExec, 0);
        Assert.True(descriptor >= 0);
        return descriptor;
    }
}
