using System.Text.Json.Serialization;

namespace RaftKv.JepsenStyle.History;

/// <summary>
/// One line of history.jsonl; a closed set. Times are nanoseconds of one monotonic clock since the run began.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(RunHeader), "run")]
[JsonDerivedType(typeof(Operation), "op")]
[JsonDerivedType(typeof(FaultEvent), "fault")]
[JsonDerivedType(typeof(FinalPair), "final")]
[JsonDerivedType(typeof(FinalNode), "final-node")]
[JsonDerivedType(typeof(WatchOpened), "watch-opened")]
[JsonDerivedType(typeof(WatchTold), "watch-told")]
[JsonDerivedType(typeof(WatchEnded), "watch-ended")]
[JsonDerivedType(typeof(FinalWatch), "final-watch")]
internal abstract record HistoryLine;

/// <summary>What was run, so that the history explains itself.</summary>
internal sealed record RunHeader(string Workload, string Nemesis, int Nodes, int Seconds, ulong Seed) : HistoryLine;

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

/// <summary>A client operation.</summary>
/// <param name="Process">The logical client; one operation at a time.</param>
/// <param name="Value">What was written or added.</param>
/// <param name="Expected">For a compare-and-set the value it expects; null expects no key.</param>
/// <param name="Result">What a read saw (null: no key), or a counter's new value.</param>
/// <param name="IsMatched">For an ok compare-and-set: false when the answer was that the value differs.</param>
/// <param name="Revision">The revision that the answer names for the key.</param>
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
    string? Error = null) : HistoryLine;

/// <summary>Something that a nemesis did; it lasted from start to end.</summary>
internal sealed record FaultEvent(string Name, string Node, long StartNs, long EndNs, string? Detail = null) : HistoryLine;

/// <summary>A key as one node showed it at the very end.</summary>
internal sealed record FinalPair(
    string Node, string Key, long Value, long Version, long CreateRevision, long ModRevision) : HistoryLine;

/// <summary>A node whose final state was read in full; without it, missing pairs prove nothing.</summary>
internal sealed record FinalNode(string Node, long PairCount, int StartCount, long Term) : HistoryLine;

/// <summary>A watcher opened a stream at a node.</summary>
/// <param name="Start">First revision that it asked for; 0 for "from now".</param>
internal sealed record WatchOpened(string Watcher, string Node, long Start, long StartNs) : HistoryLine;

/// <summary>A message that a watcher was told, as it came: a JSON line.</summary>
internal sealed record WatchTold(string Watcher, string Line) : HistoryLine;

/// <summary>A watcher's end; it should have been told everything up to the revision.</summary>
internal sealed record WatchEnded(string Watcher, long EndRevision) : HistoryLine;

/// <summary>One message of a full watch from the first revision on, read in the calm at the end.</summary>
internal sealed record FinalWatch(string Line) : HistoryLine;
