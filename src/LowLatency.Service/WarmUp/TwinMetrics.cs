using System.Diagnostics.Metrics;
using LowLatency.Service.Sidecar;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace LowLatency.Service.WarmUp;

/// <summary>The service's instruments once more, recorded by the same code and never exported.</summary>
internal sealed class TwinMetrics : IDisposable
{
    private readonly TwinMeterFactory _factory = new();
    private readonly MeterProvider _provider;

    internal TwinMetrics()
    {
        _provider = Sdk.CreateMeterProviderBuilder()
            .AddMeter(TwinMeterFactory.NameOf(ResponderMetrics.MeterName), TwinMeterFactory.NameOf(SidecarSetup.KestrelMeter))
            .AddReader(new BaseExportingMetricReader(new NullExporter()))
            .Build();
        Responder = new ResponderMetrics(_factory);
    }

    /// <summary>Where a server gets meters that are recorded as the real ones are.</summary>
    internal IMeterFactory Meters => _factory;

    /// <summary>What handlers record on.</summary>
    internal ResponderMetrics Responder { get; }

    public void Dispose()
    {
        _provider.Dispose();
        _factory.Dispose();
    }

    /// <summary>Gives every meter another name, which the service's exporter does not know.</summary>
    private sealed class TwinMeterFactory : IMeterFactory
    {
        private readonly List<Meter> _meters = [];

        internal static string NameOf(string meter) => meter + ".WarmUp";

        public Meter Create(System.Diagnostics.Metrics.MeterOptions options)
        {
            var meter = new Meter(NameOf(options.Name));
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
