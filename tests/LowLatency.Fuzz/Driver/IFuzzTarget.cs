namespace LowLatency.Fuzz.Driver;

/// <summary>Something that any bytes may be thrown at.</summary>
internal interface IFuzzTarget : IDisposable
{
    /// <summary>Its name on the command line, and of its folder of the corpus.</summary>
    string Name { get; }

    /// <summary>Words that the mutations insert now and then: what chance would take too long to find.</summary>
    IReadOnlyList<byte[]> Dictionary { get; }

    /// <summary>Runs one input. An exception is a finding.</summary>
    void Run(FuzzInput input);
}
