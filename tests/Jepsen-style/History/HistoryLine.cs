using System.Text.Json.Serialization;

namespace RaftKv.JepsenStyle.History;

/// <summary>
/// One line of history.jsonl; a closed set. Times are nanoseconds of one monotonic clock since the run began.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(RunHeader), "run")]
[JsonDerivedType(typeof(Operation), "op")]
[JsonDerivedType(typeof(TxnOperation), "txn")]
[JsonDerivedType(typeof(BankOperation), "bank")]
[JsonDerivedType(typeof(LevelOperation), "level")]
[JsonDerivedType(typeof(LeaseOperation), "lease")]
[JsonDerivedType(typeof(LockOperation), "lock")]
[JsonDerivedType(typeof(QuotaOperation), "quota")]
[JsonDerivedType(typeof(ElectionOperation), "election")]
[JsonDerivedType(typeof(ElectionSight), "election-sight")]
[JsonDerivedType(typeof(RestoreOperation), "restore")]
[JsonDerivedType(typeof(Restoration), "restoration")]
[JsonDerivedType(typeof(FaultEvent), "fault")]
[JsonDerivedType(typeof(FinalPair), "final")]
[JsonDerivedType(typeof(FinalNode), "final-node")]
[JsonDerivedType(typeof(NodeProblem), "node-problem")]
[JsonDerivedType(typeof(MachineStall), "machine-stall")]
[JsonDerivedType(typeof(WatchOpened), "watch-opened")]
[JsonDerivedType(typeof(WatchTold), "watch-told")]
[JsonDerivedType(typeof(WatchEnded), "watch-ended")]
[JsonDerivedType(typeof(FinalWatch), "final-watch")]
internal abstract record HistoryLine;

/// <summary>What was run, so that the history explains itself.</summary>
/// <param name="Commit">What the server was built from; null in histories that don't say.</param>
internal sealed record RunHeader(
    string Workload, string Nemesis, int Nodes, int Seconds, ulong Seed, string? Commit = null) : HistoryLine;

/// <summary>What a client asked for.</summary>
internal enum OperationKind
{
    /// <summary>Read a key.</summary>
    Read,

    /// <summary>Write a key.</summary>
    Write,

    /// <summary>Write a key if it still holds the expected value.</summary>
    CompareAndSet,

    /// <summary>Add to a counter.</summary>
    Add,

    /// <summary>Send an acknowledged add once more, under the same idempotency key.</summary>
    Repeat,
}

/// <summary>What is known of it afterwards.</summary>
internal enum Outcome
{
    /// <summary>Answered: it took effect between start and end.</summary>
    Ok,

    /// <summary>Surely no effect, now and ever.</summary>
    Fail,

    /// <summary>May have had its effect at any time after the start, or may never have it.</summary>
    Info,
}

/// <summary>What a client did: the facts that every workload has. A closed set.</summary>
/// <param name="Process">The logical client; one operation at a time.</param>
/// <param name="Node">The node that was asked.</param>
/// <param name="Error">Why it is not ok; short.</param>
internal abstract record ClientAction(
    int Process, string Node, long StartNs, long EndNs, Outcome Outcome, string? Error) : HistoryLine
{
    /// <summary>What it was, in one word.</summary>
    [JsonIgnore]
    public abstract string Function { get; }

    /// <summary>True when it was to change something; false for a mere look.</summary>
    [JsonIgnore]
    public abstract bool IsChange { get; }
}

/// <summary>An operation on one key.</summary>
/// <param name="Value">What was written or added.</param>
/// <param name="Expected">For a compare-and-set the value it expects; null expects no key.</param>
/// <param name="Result">What a read saw (null: no key), or a counter's new value.</param>
/// <param name="IsMatched">For an ok compare-and-set: false when the answer was that the value differs.</param>
/// <param name="Revision">The revision that the answer names for the key.</param>
/// <param name="Retry">The idempotency key that all attempts at it carried.</param>
/// <param name="Attempts">How often it was sent.</param>
/// <param name="IsReplayed">True when the answer said that it was a stored one.</param>
internal sealed record Operation(
    int Process,
    string Node,
    OperationKind Kind,
    string Key,
    long? Value,
    long? Expected,
    long StartNs,
    long EndNs,
    Outcome Outcome,
    long? Result = null,
    bool IsMatched = true,
    long? Revision = null,
    string? Error = null,
    string? Retry = null,
    int Attempts = 1,
    bool IsReplayed = false) : ClientAction(Process, Node, StartNs, EndNs, Outcome, Error)
{
    [JsonIgnore]
    public override string Function => Kind switch
    {
        OperationKind.CompareAndSet => "cas",
        _ => Kind.ToString().ToLowerInvariant(),
    };

    [JsonIgnore]
    public override bool IsChange => Kind != OperationKind.Read;
}

/// <summary>Something that a nemesis did; it lasted from start to end.</summary>
internal sealed record FaultEvent(string Name, string Node, long StartNs, long EndNs, string? Detail = null) : HistoryLine;

/// <summary>A key as one node showed it at the very end.</summary>
/// <param name="Text">The value when it is no number; the value is then 0.</param>
internal sealed record FinalPair(
    string Node, string Key, long Value, long Version, long CreateRevision, long ModRevision, string? Text = null) : HistoryLine;

/// <summary>A node whose final state was read in full; without it, missing pairs prove nothing.</summary>
/// <param name="AppliedIndex">How far it had applied the log when it gave its hash.</param>
/// <param name="StateHash">The hash of its whole state there.</param>
internal sealed record FinalNode(
    string Node, long PairCount, int StartCount, long Term, long? AppliedIndex = null, string? StateHash = null) : HistoryLine;

/// <summary>The suite itself was not run for so long: the machine was too busy for upper bounds to mean anything.</summary>
internal sealed record MachineStall(long StartNs, long EndNs) : HistoryLine;

/// <summary>Something that no node may do under any fault: to end by itself, or to log a broken invariant.</summary>
internal sealed record NodeProblem(string Node, string What) : HistoryLine;

/// <summary>A watcher opened a stream at a node.</summary>
/// <param name="Start">First revision that it asked for; 0 for "from now".</param>
internal sealed record WatchOpened(string Watcher, string Node, long Start, long StartNs) : HistoryLine;

/// <summary>A message that a watcher was told, as it came: a JSON line.</summary>
internal sealed record WatchTold(string Watcher, string Line) : HistoryLine;

/// <summary>A watcher's end; it should have been told everything up to the revision.</summary>
internal sealed record WatchEnded(string Watcher, long EndRevision) : HistoryLine;

/// <summary>One message of a full watch from the first revision on, read in the calm at the end.</summary>
internal sealed record FinalWatch(string Line) : HistoryLine;
