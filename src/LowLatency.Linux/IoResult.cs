namespace LowLatency.Linux;

/// <summary>What a read or write on a descriptor came to: a number of bytes, or an error.</summary>
/// <remarks>One machine word that carries both, so that the hot path returns it in a register and never throws.</remarks>
public readonly struct IoResult
{
    private readonly nint _value;

    private IoResult(nint value) => _value = value;

    /// <summary>Bytes moved; meaningful only when <see cref="Error"/> is <see cref="Errno.None"/>.</summary>
    public int Count => (int)_value;

    /// <summary>Why nothing was moved, or <see cref="Errno.None"/>.</summary>
    public Errno Error => _value < 0 ? (Errno)(-_value) : Errno.None;

    /// <summary>Bytes were moved, or the end of the stream was reached (<see cref="Count"/> is 0).</summary>
    public bool Succeeded => _value >= 0;

    /// <summary>The call would have had to wait.</summary>
    public bool WouldBlock => _value == -(nint)Errno.Again;

    /// <summary>So many bytes were moved.</summary>
    public static IoResult Done(nint count) => new(count);

    /// <summary>Nothing was moved, and why.</summary>
    public static IoResult Failed(Errno error) => new(-(nint)error);

    internal static IoResult Failed(int errno) => new(-errno);
}
