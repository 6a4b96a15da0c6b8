using System.Text;
using LowLatency.Fuzz.Driver;

namespace LowLatency.Fuzz.Targets;

/// <summary>What most targets have in common: nothing to give back, and a dictionary of text.</summary>
internal abstract class FuzzTarget(string name, params string[] dictionary) : IFuzzTarget
{
    public string Name => name;

    public IReadOnlyList<byte[]> Dictionary { get; } = [.. dictionary.Select(Encoding.Latin1.GetBytes)];

    public abstract void Run(FuzzInput input);

    public virtual void Dispose() => GC.SuppressFinalize(this);

    protected static void Require(bool holds, string promise) => FuzzException.ThrowUnless(holds, promise);
}
