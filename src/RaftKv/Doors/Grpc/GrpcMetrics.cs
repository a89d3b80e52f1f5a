using System.Collections.Frozen;
using RaftKv.Diagnostics.Metrics;

namespace RaftKv.Doors.Grpc;

/// <summary>
/// What is counted of calls, under the names of grpc-ecosystem's middleware, which etcd's dashboard and alert rules
/// read. Any thread.
/// </summary>
internal sealed class GrpcMetrics
{
    private const int CodeCount = 17;

    private static readonly long[] _boundsMicros =
        [1_000, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000];

    // As their specification spells them; "OK" and not "Ok".
    private static readonly string[] _codeNames = [.. Enum.GetValues<GrpcCode>().Select(
        static code => code switch { GrpcCode.Ok => "OK", GrpcCode.Cancelled => "Canceled", _ => code.ToString() })];

    private readonly TimeProvider _time;
    private readonly FrozenDictionary<RpcMethod, Series> _series;
    private readonly Counter _receivedBytes;
    private readonly Counter _sentBytes;

    /// <summary>Registers the series of all methods.</summary>
    public GrpcMetrics(MetricRegistry registry, IReadOnlyList<RpcMethod> methods, TimeProvider time)
    {
        _time = time;
        _series = methods.ToFrozenDictionary(static method => method, method => new Series(registry, method));
        registry.AskedCounter("grpc_server_handled_total", "Calls that ended, by their status; those that occurred, and OK.", AskHandled);
        _receivedBytes = registry.Counter("etcd_network_client_grpc_received_bytes_total", "Bytes of messages that clients sent.");
        _sentBytes = registry.Counter("etcd_network_client_grpc_sent_bytes_total", "Bytes of messages that clients were sent.");
    }

    /// <summary>A call began; the moment goes to <see cref="Ended"/>.</summary>
    public long Started(RpcMethod method)
    {
        _series[method].Started.Add();
        return _time.GetTimestamp();
    }

    /// <summary>A call ended.</summary>
    public void Ended(RpcMethod method, GrpcCode code, long startedAt)
    {
        Series series = _series[method];
        Interlocked.Increment(ref series.Handled[(int)code]);
        series.Duration?.Record((long)_time.GetElapsedTime(startedAt).TotalMicroseconds);
    }

    /// <summary>A message came in.</summary>
    public void Received(long bytes) => _receivedBytes.Add(bytes);

    /// <summary>A message went out.</summary>
    public void Sent(long bytes) => _sentBytes.Add(bytes);

    private void AskHandled(GaugeSink sink)
    {
        foreach (Series series in _series.Values.OrderBy(static s => s.Method.Path, StringComparer.Ordinal))
        {
            for (int code = 0; code < CodeCount; code++)
            {
                long count = Interlocked.Read(ref series.Handled[code]);
                if (count > 0 || code == 0)
                {
                    sink.Set(
                        count, ("grpc_code", _codeNames[code]), ("grpc_method", series.Method.Name), ("grpc_service",
                            series.Method.Service),
                        ("grpc_type", series.Type));
                }
            }
        }
    }

    private sealed class Series
    {
        public Series(MetricRegistry registry, RpcMethod method)
        {
            Method = method;
            Type = !method.IsStream ? "unary" : method.HasRequestStream ? "bidi_stream" : "server_stream";
            Started = registry.Counter(
                "grpc_server_started_total", "Calls that began.", ("grpc_method", method.Name), ("grpc_service", method.Service),
                ("grpc_type", Type));
            Duration = method.IsStream ? null : registry.Histogram(
                "grpc_server_handling_seconds", "Time from a call's first byte to its status.", _boundsMicros, unitsPerShown: 1_000_000,
                ("grpc_method", method.Name), ("grpc_service", method.Service), ("grpc_type", Type));
        }

        public RpcMethod Method { get; }

        public string Type { get; }

        public Counter Started { get; }

        public Histogram? Duration { get; }

        public long[] Handled { get; } = new long[CodeCount];
    }
}
