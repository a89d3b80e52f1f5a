using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Resources;
using RaftKv.Audit;
using RaftKv.Service.Vocabulary;

namespace RaftKv.Hosting;

/// <summary>
/// Sends lines of the audit to an OpenTelemetry collector, as log records of the category <c>RaftKv.Audit</c>: the same
/// lines as in the file. A collector that is away loses some, as with traces: who must lose none writes a file too. One thread.
/// </summary>
internal sealed partial class AuditExport : IAuditSink
{
    // As many as wait for the audit's writer.
    private const int MaxWaiting = 16_384;

    private readonly ILoggerFactory _factory;
    private readonly ILogger _logger;

    public AuditExport(string collector, string node)
    {
        var endpoint = new Uri(new Uri(collector.TrimEnd('/') + "/"), "v1/logs");
        _factory = LoggerFactory.Create(logging => logging.AddOpenTelemetry(options =>
        {
            options.IncludeFormattedMessage = true;
            options.SetResourceBuilder(ResourceBuilder.CreateEmpty().AddService(
                "raftkv", serviceVersion: Product.Version, autoGenerateServiceInstanceId: false, serviceInstanceId: node));
            options.AddOtlpExporter((exporter, processor) =>
            {
                exporter.Protocol = OtlpExportProtocol.HttpProtobuf;
                exporter.Endpoint = endpoint;
                exporter.TimeoutMilliseconds = 2_000;
                processor.ExportProcessorType = ExportProcessorType.Batch;
                processor.BatchExportProcessorOptions.MaxQueueSize = MaxWaiting;
                processor.BatchExportProcessorOptions.ScheduledDelayMilliseconds = 1_000;
            });
        }));
        _logger = _factory.CreateLogger("RaftKv.Audit");
    }

    /// <inheritdoc/>
    public bool TryWrite(string line)
    {
        Send(_logger, line);
        return true;
    }

    /// <inheritdoc/>
    public void Flush()
    {
        // The exporter sends by itself.
    }

    /// <summary>Sends what is left, a few seconds at most.</summary>
    public void Dispose() => _factory.Dispose();

    [LoggerMessage(3301, LogLevel.Information, "{Line}")]
    private static partial void Send(ILogger logger, string line);
}
