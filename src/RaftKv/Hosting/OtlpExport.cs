using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using RaftKv.Diagnostics;
using RaftKv.Diagnostics.Metrics;
using RaftKv.Engine;
using RaftKv.Service.Vocabulary;

namespace RaftKv.Hosting;

/// <summary>
/// Sends metrics and traces to an OpenTelemetry collector, where <c>--otlp</c> names one. A collector that is away costs
/// nothing but what it misses: batches are bounded, and dropped when they can't be sent.
/// </summary>
internal sealed class OtlpExport : IDisposable
{
    private readonly MeterProvider _metrics;
    private readonly TracerProvider _traces;

    private OtlpExport(MeterProvider metrics, TracerProvider traces) => (_metrics, _traces) = (metrics, traces);

    /// <summary>Begins to send; null when no collector is named.</summary>
    public static OtlpExport? Start(NodeOptions options, NodeIdentity identity) =>
        options.Otlp is { } collector ? Begin(collector, options, identity) : null;

    // Apart, so that a node without a collector loads nothing of the library.
    private static OtlpExport Begin(string collector, NodeOptions options, NodeIdentity identity)
    {
        // What is below /v1 follows from OTLP over HTTP, the form that every collector takes.
        var root = new Uri(collector.TrimEnd('/') + "/");
        ResourceBuilder resource = ResourceBuilder.CreateEmpty().AddService(
            "raftkv", serviceVersion: Product.Version, autoGenerateServiceInstanceId: false, serviceInstanceId: identity.Name);
        MeterProvider metrics = Sdk.CreateMeterProviderBuilder()
            .SetResourceBuilder(resource)
            .AddMeter(RegistryMeter.Name)
            .AddOtlpExporter((exporter, reader) =>
            {
                Aim(exporter, new Uri(root, "v1/metrics"));
                reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = options.OtlpIntervalMs;
            })
            .Build();
        TracerProvider traces = Sdk.CreateTracerProviderBuilder()
            .SetResourceBuilder(resource)
            .SetSampler(new ParentBasedSampler(new TraceIdRatioBasedSampler(options.TracePercent / 100d)))
            .AddSource(Tracing.Name, "Microsoft.AspNetCore")
            .AddOtlpExporter(exporter => Aim(exporter, new Uri(root, "v1/traces")))
            .Build();
        return new OtlpExport(metrics, traces);
    }

    /// <summary>Sends what is left, a few seconds at most, and ends.</summary>
    public void Dispose()
    {
        _traces.Dispose();
        _metrics.Dispose();
    }

    private static void Aim(OtlpExporterOptions exporter, Uri endpoint)
    {
        exporter.Protocol = OtlpExportProtocol.HttpProtobuf;
        exporter.Endpoint = endpoint;
        exporter.TimeoutMilliseconds = 2_000;
    }
}
