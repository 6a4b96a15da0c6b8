using LowLatency.Fuzz.Driver;
using LowLatency.Fuzz.Targets.Framing;
using LowLatency.Fuzz.Targets.PipeEnds;
using LowLatency.Fuzz.Targets.Rings;
using LowLatency.Fuzz.Targets.Texts;

namespace LowLatency.Fuzz.Targets;

/// <summary>All targets by name; each is made when it is wanted, for some have threads and memory of their own.</summary>
internal static class AllTargets
{
    private static readonly SortedDictionary<string, Func<IFuzzTarget>> Makers = new(StringComparer.Ordinal)
    {
        ["framing"] = () => new FramingTarget(),
        ["input-buffer"] = () => new InputBufferTarget(),
        ["pipe-reader"] = () => new PipeReaderTarget(),
        ["pipe-writer"] = () => new PipeWriterTarget(),
        ["ring-consumer"] = () => new RingConsumerTarget(),
        ["ring-producer"] = () => new RingProducerTarget(),
        ["handshake"] = () => new HandshakeTarget(),
        ["configuration"] = () => new ConfigurationTarget(),
        ["endpoint-url"] = () => new EndpointUrlTarget(),
        ["loadtest-text"] = () => new LoadTestTextTarget(),
    };

    internal static IEnumerable<string> Names => Makers.Keys;

    internal static IFuzzTarget Create(string name) => Makers[name]();
}
