using LowLatency.Transports.BusyPoll;
using LowLatency.Transports.Tests.Hosting;
using Xunit;

namespace LowLatency.Client.Tests.Contract;

public sealed class ShmTests : SpinningClientContract
{
    private protected override TestTransport Transport { get; } = new SharedMemoryTransport(ApplicationScheduling.Inline);

    private protected override bool KeepsMessages => true;

    [Theory(Timeout = Timeout)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Without_framing_a_batch_is_answered_in_order(bool awaited) => await EveryCountIsAnsweredAsync(MessageFraming.None, awaited);
}
