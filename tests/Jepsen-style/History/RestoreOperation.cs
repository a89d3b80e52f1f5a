using System.Text.Json.Serialization;

namespace RaftKv.JepsenStyle.History;

/// <summary>All nodes and their data were lost, and a cluster was founded from a backup, on the same addresses.</summary>
/// <param name="BackupStartNs">When the backup was asked for.</param>
/// <param name="BackupEndNs">When it was whole.</param>
/// <param name="BackupRevision">The last revision that is in it.</param>
/// <param name="LostNs">From here on no process of the old cluster runs.</param>
/// <param name="UpNs">All nodes are ready again, or were given up.</param>
/// <param name="BeginRevision">The restored cluster's first.</param>
/// <param name="KeepsLeases">Leases and locks of the backup live on.</param>
/// <param name="IsFoundedByAll">Each node was restored; else one was, and the others joined it.</param>
internal sealed record Restoration(
    long BackupStartNs,
    long BackupEndNs,
    long BackupRevision,
    long LostNs,
    long UpNs,
    long BeginRevision,
    bool KeepsLeases,
    bool IsFoundedByAll) : HistoryLine;

/// <summary>What a client does that lives through restores.</summary>
internal enum RestoreStep
{
    /// <summary>Writes both keys of a pair in one transaction.</summary>
    Write,

    /// <summary>Reads the pairs of one group.</summary>
    List,

    /// <summary>Takes a lock that outlives the run.</summary>
    Acquire,

    /// <summary>The holder's time begins anew.</summary>
    KeepLock,

    /// <summary>A write fenced by the lock's token.</summary>
    FencedWrite,

    /// <summary>Gives the lock back.</summary>
    Release,

    /// <summary>Makes a lease that outlives the run, and hangs a key on it.</summary>
    Grant,

    /// <summary>The lease's time begins anew.</summary>
    Renew,

    /// <summary>A linearizable look at the lease's key.</summary>
    Look,

    /// <summary>Begins a client session, under which a write takes effect once.</summary>
    Open,

    /// <summary>Adds one to the session's own counter, under the session's next number; the same again until it is answered.</summary>
    Add,
}

/// <summary>A step of a client that lives through restores.</summary>
/// <param name="Name">The lock, the lease's key or the client session; the first part of the keys of a read.</param>
/// <param name="Number">Of the pair that is written, which is the value of both keys; of an addition in its session, from 1.</param>
/// <param name="Items">For an ok read, what it saw.</param>
/// <param name="Revision">Of the view that was read, or that was made; null when the answer names none.</param>
/// <param name="Token">The fencing token that was given, or is shown.</param>
/// <param name="SessionRevision">The revision of the answer that the presented session token came with; null without one.</param>
/// <param name="IsThere">For an ok look, whether the key is.</param>
/// <param name="Result">For an ok addition, what the counter is then.</param>
internal sealed record RestoreOperation(
    int Process,
    string Node,
    RestoreStep Step,
    string? Name,
    long StartNs,
    long EndNs,
    Outcome Outcome,
    long? Number = null,
    string? Level = null,
    IReadOnlyList<SeenPair>? Items = null,
    long? Revision = null,
    long? Token = null,
    long? SessionRevision = null,
    bool? IsThere = null,
    long? Result = null,
    string? Error = null) : ClientAction(Process, Node, StartNs, EndNs, Outcome, Error)
{
    [JsonIgnore]
    public override string Function => Step switch
    {
        RestoreStep.KeepLock => "keep-lock",
        RestoreStep.FencedWrite => "fenced-write",
        _ => Step.ToString().ToLowerInvariant(),
    };

    [JsonIgnore]
    public override bool IsChange => Step is not (RestoreStep.List or RestoreStep.Look);

    /// <summary>It was refused for this reason.</summary>
    public bool IsRefused(string code) =>
        Outcome != Outcome.Ok && Error is { } error && error.EndsWith(' ' + code, StringComparison.Ordinal);
}
