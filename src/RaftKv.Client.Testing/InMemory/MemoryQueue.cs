using System.Globalization;
using System.Text;
using RaftKv.Contract;

namespace RaftKv.Client.Testing.InMemory;

/// <summary>
/// Who holds a lock, semaphore or election and who waits, read from the keys behind it, in the order of their create revisions, as a
/// cluster reads it.
/// </summary>
/// <param name="Root"><c>locks</c>, <c>semaphores</c> or <c>elections</c>.</param>
internal sealed record MemoryQueue(string Root, string Name, IReadOnlyList<MemoryPlace> Places, int HolderCount)
{
    internal const string Locks = "locks";
    internal const string Semaphores = "semaphores";
    internal const string Elections = "elections";

    internal IEnumerable<MemoryPlace> Holders => Places.Take(HolderCount);

    internal IEnumerable<MemoryPlace> Waiters => Places.Skip(HolderCount);

    internal int Limit => Root == Semaphores && Places.Count > 0 ? Places[0].Limit : 0;

    internal static string RootOf(FenceKind kind) => kind switch
    {
        FenceKind.Lock => Locks,
        FenceKind.Semaphore => Semaphores,
        FenceKind.Election => Elections,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "No such kind."),
    };

    internal static RaftKvKey KeyOf(string root, string name, char mode, string lease) =>
        $"{PrefixOf(root, name)}{mode}\0{lease.PadLeft(16, '0')}";

    internal static MemoryQueue Read(MemoryStore store, string root, string name)
    {
        MemoryPlace[] places =
        [
            .. store.Now().Range(RaftKvRange.Prefix(PrefixOf(root, name)))
                .Select(entry => MemoryPlace.Of(root, PrefixOf(root, name), entry)).OrderBy(static place => place.Token),
        ];
        int holders = places switch
        {
            [] => 0,
            _ when root == Semaphores => Math.Min(places[0].Limit, places.Length),
            [{ Mode: MemoryPlace.Shared }, ..] => places.TakeWhile(static place => place.Mode == MemoryPlace.Shared).Count(),
            _ => 1,
        };
        return new MemoryQueue(root, name, places, holders);
    }

    /// <summary>Whether one who came now would hold at once.</summary>
    internal bool WouldHold(char mode, int limit) => mode switch
    {
        MemoryPlace.Counted => Places.Count < limit,
        MemoryPlace.Shared => Places.Count == 0 || (HolderCount == Places.Count && Places[0].Mode == MemoryPlace.Shared),
        _ => Places.Count == 0,
    };

    private static string PrefixOf(string root, string name) => $"_raftkv/{root}/{name}\0";
}

/// <summary>One place in a queue.</summary>
internal sealed record MemoryPlace(KeyValueEntry Entry, char Mode, int Limit, string Owner)
{
    internal const char Exclusive = 'x';
    internal const char Shared = 's';
    internal const char Counted = 'n';

    /// <summary>The fencing token.</summary>
    internal long Token => Entry.CreateRevision;

    internal string ModeWord => Mode switch
    {
        Shared => LockModes.Shared,
        Counted => LockModes.Counted,
        _ => LockModes.Exclusive,
    };

    /// <summary>What is stored of it: a semaphore's begins with its limit.</summary>
    internal static byte[] ValueOf(string root, int limit, string owner) => Encoding.UTF8.GetBytes(
        root == MemoryQueue.Semaphores ? string.Create(CultureInfo.InvariantCulture, $"{limit} {owner}") : owner);

    internal static MemoryPlace Of(string root, string prefix, KeyValueEntry entry)
    {
        string text = entry.GetString();
        int blank = root == MemoryQueue.Semaphores ? text.IndexOf(' ', StringComparison.Ordinal) : -1;
        int limit = blank > 0 ? int.Parse(text.AsSpan(0, blank), CultureInfo.InvariantCulture) : 0;
        char mode = (char)entry.Key.Bytes.Span[Encoding.UTF8.GetByteCount(prefix)];
        return new MemoryPlace(entry, mode, limit, text[(blank + 1)..]);
    }
}
