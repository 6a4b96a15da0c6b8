using System.Diagnostics.Metrics;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace LowLatency.Service.WarmUp;

/// <summary>The service's instruments once more, recorded by the same code and never exported.</summary>
internal sealed class TwinMetrics : IDisposable
{
    private readonly TwinMeterFactory _factory = new();
    private readonly MeterProvider _provider;
    private readonly ResponderMetrics _metrics;

    internal TwinMetrics()
    {
        _provider = Sdk.CreateMeterProviderBuilder()
            .AddMeter(TwinMeterFactory.Name)
            .AddReader(new BaseExportingMetricReader(new NullExporter()))
            .Build();
        _metrics = new ResponderMetrics(_factory);
    }

    internal TransportMetrics For(string transport) => _metrics.ForTransport(transport);

    public void Dispose()
    {
        _provider.Dispose();
        _factory.Dispose();
    }

    /// <summary>Gives the meter another name, which the service's exporter does not know.</summary>
    private sealed class TwinMeterFactory : IMeterFactory
    {
        internal const string Name = ResponderMetrics.MeterName + ".WarmUp";

        private readonly List<Meter> _meters = [];

        public Meter Create(System.Diagnostics.Metrics.MeterOptions options)
        {
            var meter = new Meter(Name);
            _meters.Add(meter);
            return meter;
        }

        public void Dispose() => _meters.ForEach(meter => meter.Dispose());
    }

    private sealed class NullExporter : BaseExporter<Metric>
    {
        public override ExportResult Export(in Batch<Metric> batch) => ExportResult.Success;
    }
}
