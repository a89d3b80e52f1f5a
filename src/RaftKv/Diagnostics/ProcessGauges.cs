using System.Diagnostics;
using System.Globalization;
using RaftKv.Diagnostics.Metrics;

namespace RaftKv.Diagnostics;

/// <summary>What /metrics shows of the process, under the names that Prometheus' own clients use.</summary>
internal static class ProcessGauges
{
    /// <summary>Registers all.</summary>
    public static void Register(MetricRegistry registry)
    {
        registry.AskedCounter("process_cpu_seconds_total", "User and system CPU time spent.", sink => sink.Set(Environment.CpuUsage.TotalTime.TotalSeconds));
        registry.Gauge("process_resident_memory_bytes", "Resident memory.", sink => sink.Set(Environment.WorkingSet));
        registry.Gauge("process_start_time_seconds", "Start of the process, in seconds since 1970.", SetStartTime);
        registry.Gauge("process_open_fds", "Open file descriptors; Linux only.", SetOpenFiles);
        registry.Gauge("raftkv_heap_bytes", "Managed memory in use.", sink => sink.Set(GC.GetTotalMemory(forceFullCollection: false)));
        registry.AskedCounter(
            "raftkv_gc_pause_seconds_total",
            "How long the collector has stopped the process.",
            sink => sink.Set(GC.GetTotalPauseDuration().TotalSeconds));
        registry.AskedCounter("raftkv_gc_collections_total", "Collections by generation.", SetCollections);
        registry.AskedCounter(
            "raftkv_gc_allocated_bytes_total", "Bytes that were allocated on the managed heap.",
            sink => sink.Set(GC.GetTotalAllocatedBytes(precise: false)));
        registry.AskedCounter(
            "raftkv_thread_pool_items_total", "Pieces of work that the pool's threads have done.",
            sink => sink.Set(ThreadPool.CompletedWorkItemCount));
        registry.Gauge("raftkv_thread_pool_threads", "Threads of the pool.", sink => sink.Set(ThreadPool.ThreadCount));
        registry.Gauge("raftkv_thread_pool_queue_length", "Work that waits for a thread of the "
            + "pool.", sink => sink.Set(ThreadPool.PendingWorkItemCount));
    }

    private static void SetStartTime(GaugeSink sink)
    {
        using var self = Process.GetCurrentProcess();
        sink.Set((self.StartTime.ToUniversalTime() - DateTime.UnixEpoch).TotalSeconds);
    }

    private static void SetOpenFiles(GaugeSink sink)
    {
        if (OperatingSystem.IsLinux())
        {
            sink.Set(Directory.GetFiles("/proc/self/fd").Length);
        }
    }

    private static void SetCollections(GaugeSink sink)
    {
        for (int generation = 0; generation <= GC.MaxGeneration; generation++)
        {
            sink.Set(GC.CollectionCount(generation), ("generation", generation.ToString(CultureInfo.InvariantCulture)));
        }
    }
}
