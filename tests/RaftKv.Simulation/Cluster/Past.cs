using RaftKv.Core.Raft.Log;
using RaftKv.Core.Replica;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Reading;
using RaftKv.Simulation.Checking;

namespace RaftKv.Simulation.Cluster;

/// <summary>
/// The log that a new cluster goes on from, from index 1: what the cluster of before committed, and behind that what only a
/// survivor had, which nobody may have been told of.
/// </summary>
internal sealed class Past
{
    private Past(RaftObserver former, int count)
    {
        Entries = [.. former.Committed.Take(count)];
        Results = [.. former.Results.Take(count)];
        StateHashes = [.. former.StateHashes.Take(count + 1)];
        CommittedAtUs = [.. former.CommittedAtUs.Take(count)];
        ProposedAtUs = [.. former.ProposedAtUs.Take(count)];
        OfFormer = Entries.Count;
    }

    public List<LogEntry> Entries { get; }

    /// <summary>How many of the entries the cluster of before committed, from the first one on.</summary>
    public int OfFormer { get; }

    public List<CommandResult?> Results { get; }

    /// <summary>After each index, from index 0.</summary>
    public List<ulong> StateHashes { get; }

    /// <summary>An entry that was never committed is so by the recovery.</summary>
    public List<long> CommittedAtUs { get; }

    public List<long> ProposedAtUs { get; }

    /// <summary>The last revision that it comes to, where it goes on behind what was committed; 0 else.</summary>
    public long LastRevision { get; private set; }

    public bool Has(EntryId entry) => entry.Index.Value <= Entries.Count && Entries[(int)entry.Index.Value - 1].Id == entry;

    /// <summary>What was committed up to an index.</summary>
    public static Past Committed(RaftObserver former, long index) => new(former, (int)index);

    /// <summary>
    /// The log of a survivor, to its end. Up to where its log begins it is the committed one, since a snapshot covers it (R11).
    /// </summary>
    public static Past OfSurvivor(RaftObserver former, RecoveredState survivor, long nowUs)
    {
        int first = (int)Math.Max(survivor.LogStart.Index.Value, survivor.Snapshot?.LastEntry.Index.Value ?? 0);
        int own = first - (int)survivor.LogStart.Index.Value;
        while (own < survivor.Entries.Count && first < former.Committed.Count && former.Committed[first].Id == survivor.Entries[own].Id)
        {
            (own, first) = (own + 1, first + 1);
        }

        var past = new Past(former, first);
        past.Append(former, [.. survivor.Entries.Skip(own)], nowUs);
        return past;
    }

    /// <summary>The last entry that a start would begin with.</summary>
    public static EntryId EndOf(RecoveredState recovered) =>
        recovered.Entries.Count == 0 ? recovered.LogStart : recovered.Entries[^1].Id;

    private void Append(RaftObserver former, List<LogEntry> tail, long nowUs)
    {
        if (tail.Count == 0)
        {
            return;
        }

        var store = new MvccStore();
        foreach (LogEntry entry in Entries)
        {
            RaftObserver.Replay(store, entry);
        }

        foreach (LogEntry entry in tail)
        {
            Entries.Add(entry);
            Results.Add(RaftObserver.Replay(store, entry));
            StateHashes.Add(store.Publish().StateHash);
            CommittedAtUs.Add(nowUs);
            ProposedAtUs.Add(former.SeenAtUs(entry.Id));
        }

        LastRevision = store.Revision.Value;
    }
}
