using System.Text;
using RaftKv.Core.Raft.Log;
using RaftKv.Core.Raft.Members;

namespace RaftKv.Core.Tests.Raft;

/// <summary>Short words for the small facts, so that a script reads like the figure that it plays.</summary>
internal static class Words
{
    public static NodeId N(int node) => new((ulong)node);

    public static Term T(long term) => new(term);

    public static LogIndex I(long index) => new(index);

    public static EntryId E(long term, long index) => new(new Term(term), new LogIndex(index));

    /// <summary>An entry whose bytes follow from its id: equal ids are equal entries, as log matching wants.</summary>
    public static LogEntry Entry(long term, long index) =>
        new(E(term, index), EntryKind.Command, Encoding.UTF8.GetBytes($"{term}/{index}"));

    /// <summary>Entries of these terms, from <paramref name="firstIndex"/> on.</summary>
    public static LogEntry[] Entries(IReadOnlyList<int> terms, long firstIndex = 1) =>
        [.. terms.Select((term, place) => Entry(term, firstIndex + place))];

    /// <summary>Terms of the entries that a log holds, as the paper's figures draw them.</summary>
    public static string Terms(RaftLog log) =>
        string.Join(' ', Enumerable.Range(1, log.Count).Select(place => log.EntryAt(log.Start.Index + place).Term));

    public static Membership Voters(params int[] nodes) => new(nodes.Select(N));
}
