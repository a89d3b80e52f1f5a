namespace RaftKv.Bench.Soak;

/// <summary>What one node held at one moment.</summary>
/// <param name="Seconds">Since the mix began.</param>
/// <param name="ResidentMiB">Resident memory of its process.</param>
/// <param name="HeapMiB">Managed memory in use, garbage that is not collected yet included.</param>
/// <param name="DataMiB">Bytes of all files in its data directory.</param>
/// <param name="StoreMiB">What its store costs, as quotas count.</param>
/// <param name="LogMiB">Log entries in memory.</param>
/// <param name="Versions">Versions kept, tombstones included.</param>
/// <param name="KeptAnswers">First answers under plain idempotency keys.</param>
/// <param name="Sessions">Client sessions.</param>
/// <param name="SessionAnswers">First answers that these keep.</param>
/// <param name="Leases">Leases.</param>
/// <param name="Watches">Open watches on this node.</param>
/// <param name="WritesPerSecond">Writes that it answered, by its own count.</param>
/// <param name="ProblemsPerSecond">Requests that it answered with an error, by its own count.</param>
internal sealed record SoakSample(
    double Seconds,
    string Node,
    double ResidentMiB,
    double HeapMiB,
    double DataMiB,
    double StoreMiB,
    double LogMiB,
    double Versions,
    double KeptAnswers,
    double Sessions,
    double SessionAnswers,
    double Leases,
    double Watches,
    double WritesPerSecond,
    double ProblemsPerSecond);
