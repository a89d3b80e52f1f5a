using System.Globalization;
using System.Text;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Leases;
using RaftKv.Core.Store.Locks;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.Tree;

namespace RaftKv.Simulation.Checking;

/// <remarks>Leases, locks, fences, guards and first answers, as plain lists that are searched from end to end.</remarks>
internal sealed partial class NaiveStore
{
    private readonly Dictionary<long, NaiveLease> _leases = [];
    private readonly SortedDictionary<string, LockName?> _guards = new(StringComparer.Ordinal);
    private readonly Dictionary<string, NaivePlace> _placeOf = [];

    /// <summary>Every life of every lease, in the order of the grants.</summary>
    public List<NaiveLease> Leases { get; } = [];

    /// <summary>Every place in every queue there ever was, in the order of their tokens.</summary>
    public List<NaivePlace> Places { get; } = [];

    /// <summary>What is kept for repeats.</summary>
    public NaiveOnce Once { get; } = new();

    /// <summary>How far the cluster time was moved.</summary>
    public long TimeMs { get; private set; }

    /// <summary>Index of the entry that runs.</summary>
    public long Index { get; private set; }

    /// <summary>The places of one queue at a revision, by token.</summary>
    public List<NaivePlace> QueueAt(LockKind kind, string name, long revision) => Places.FindAll(
        p => p.Kind == kind && p.Name == name && p.Token <= revision && revision < p.GoneRevision);

    /// <summary>How many of a queue's first places hold.</summary>
    public static int HoldersOf(List<NaivePlace> queue)
    {
        if (queue.Count == 0)
        {
            return 0;
        }

        return queue[0].Mode switch
        {
            LockMode.Exclusive => 1,
            LockMode.Shared => queue.TakeWhile(static p => p.Mode == LockMode.Shared).Count(),
            LockMode.Counted => Math.Min(queue[0].Limit, queue.Count),
            _ => Check.Unreachable<int>(queue[0].Mode),
        };
    }

    /// <summary>Whether a queue that somebody was shown is that of the newest state; null when right.</summary>
    public string? CheckQueue(LockQueue actual)
    {
        List<NaivePlace> queue = QueueAt(actual.Kind, Text(actual.Name), Revision);
        int holders = HoldersOf(queue);
        if (queue.Count != actual.Entries.Count || holders != actual.HolderCount)
        {
            return $"queue of {actual.Entries.Count} with {actual.HolderCount} holders, expected {queue.Count} with {holders}";
        }

        for (int i = 0; i < queue.Count; i++)
        {
            LockEntry entry = actual.Entries[i];
            if (entry.Token.Value != queue[i].Token || entry.Lease.Value != queue[i].Lease || entry.IsHolder != i < holders)
            {
                return $"place {i} is {entry.Token} (holder: {entry.IsHolder}), expected {queue[i].Token} (holder: {i < holders})";
            }
        }

        return null;
    }

    /// <summary>Whether a store has exactly this state; null when it has.</summary>
    public string? CheckWhole(StoreView view)
    {
        RangeResult all = view.Range(new RangeRequest { Keys = KeyRange.All });
        if (SamePairs([.. _live.Values], all.Pairs) is { } problem)
        {
            return problem;
        }

        IReadOnlyList<LeaseInfo> leases = view.ListLeases(LeaseId.None, int.MaxValue);
        long attached = _live.Values.LongCount(v => v.Lease != 0);
        return Same("leases", _leases.Count, leases.Count)
            ?? Same("keys on leases", attached, leases.Sum(static l => l.KeyCount))
            ?? Same("guards", _guards.Count, view.ListGuards().Count)
            ?? Same("cluster time", TimeMs, view.ClusterTimeMs)
            ?? Same("answers under keys", Once.KeyCount, view.Once.Keys)
            ?? Same("client sessions", Once.SessionCount, view.Once.Sessions)
            ?? Same("answers of client sessions", Once.AnswerCount, view.Once.SessionAnswers)
            ?? CheckRoom(view)
            ?? (leases.All(l => _leases.TryGetValue(l.Id.Value, out NaiveLease? own) && own.TtlMs == l.TtlMs) ? null : "other leases live");
    }

    private bool Lives(long lease) => _leases.ContainsKey(lease);

    private string? RunKnown(KvCommand command, CommandResult actual, long term)
    {
        if (Once.Find(command, Index, TimeMs) is { } verdict)
        {
            return CheckVerdict(verdict, actual);
        }

        string? problem = RunOnce(command, actual, term);
        Once.Keep(command, actual, TimeMs);
        return problem;
    }

    private string? CheckVerdict(NaiveVerdict verdict, CommandResult actual)
    {
        if (verdict.First is not { } first)
        {
            return Status(verdict.Status, actual) ?? Same("revision", Revision, actual.Revision.Value)
                ?? (actual.IsReplayed ? "a refusal is called a repeat" : null);
        }

        if (!actual.IsReplayed)
        {
            return "a repeat is called a first answer";
        }

        CommandStatus status = verdict.IsWhole || first.Status != CommandStatus.Ok ? first.Status : CommandStatus.AnswerNotKept;
        return status == actual.Status && first.Revision == actual.Revision
            && (!verdict.IsWhole || ResultComparer.IsRepeatOf(first, actual))
            ? null
            : $"a repeat is answered {actual.Status} at {actual.Revision}, first {first.Status} at {first.Revision}";
    }

    private bool HasLostFence(KvCommand command) => command.Fences.Any(fence =>
    {
        List<NaivePlace> queue = QueueNow(fence.Kind, Text(fence.Name));
        int place = queue.FindIndex(p => p.Token == fence.Token.Value);
        return place < 0 || place >= HoldersOf(queue);
    });

    private bool IsAllowed(KvOp op, IReadOnlyList<Fence> fences) => op switch
    {
        PutOp put => _guards.All(g => IsContent(g, Text(put.Key).StartsWith(g.Key, StringComparison.Ordinal), Text(put.Key), fences)),
        IncrementOp add => _guards.All(g => IsContent(g, Text(add.Key).StartsWith(g.Key, StringComparison.Ordinal), Text(add.Key), fences)),
        DeleteRangeOp delete => _guards.All(g => IsContent(g, Overlaps(g.Key, delete.Keys), Text(delete.Keys.Start), fences)),
        _ => true,
    };

    private static bool IsContent(KeyValuePair<string, LockName?> guard, bool touches, string key, IReadOnlyList<Fence> fences) =>
        !touches || key.StartsWith("_raftkv/", StringComparison.Ordinal) || fences.Any(f => guard.Value is not { } wanted
            || (f.Kind == wanted.Kind && f.Name.Span.SequenceEqual(wanted.Name.Span)));

    private static bool Overlaps(string prefix, KeyRange keys)
    {
        string start = Text(keys.Start);
        return keys.Kind == KeyRangeKind.Single
            ? start.StartsWith(prefix, StringComparison.Ordinal)
            : start.StartsWith(prefix, StringComparison.Ordinal) || (string.CompareOrdinal(prefix, start) >= 0
                && (keys.Kind == KeyRangeKind.From || string.CompareOrdinal(prefix, Text(keys.End)) < 0));
    }

    private string? Advance(long deltaMs, CommandResult actual)
    {
        TimeMs += deltaMs;
        Once.Expire(TimeMs);
        return Status(CommandStatus.Ok, actual);
    }

    private string? SetLimits(SetOnceLimitsCommand set, CommandResult actual)
    {
        Once.Set(set.Limits);
        return Status(CommandStatus.Ok, actual);
    }

    private string? SetGuard(SetGuardCommand set, CommandResult actual)
    {
        _guards[Text(set.Prefix)] = set.Lock;
        return Status(CommandStatus.Ok, actual);
    }

    private string? RemoveGuard(RemoveGuardCommand remove, CommandResult actual) =>
        Status(_guards.Remove(Text(remove.Prefix)) ? CommandStatus.Ok : CommandStatus.GuardNotFound, actual);

    private string? Grant(GrantLeaseCommand grant, CommandResult actual)
    {
        if (Lives(grant.Id.Value))
        {
            return Status(CommandStatus.LeaseExists, actual);
        }

        Grant(grant.Id.Value, grant.TtlMs);
        return Status(CommandStatus.Ok, actual)
            ?? (actual.Result == new LeaseGrantedResult(grant.Id, grant.TtlMs) ? null : "another lease is granted");
    }

    private void Grant(long lease, long ttlMs)
    {
        var life = new NaiveLease(lease, ttlMs, Index);
        _leases.Add(lease, life);
        Leases.Add(life);
    }

    private string? Expire(ExpireLeaseCommand expire, CommandResult actual, long term)
    {
        if (expire.Term.Value == term)
        {
            return EndLease(expire.Id.Value, DeleteReason.Expired, actual);
        }

        string? problem = Status(CommandStatus.StaleTerm, actual);
        return problem is null ? null : $"{problem}: judged in term {expire.Term}, the entry is of term {term}";
    }

    private string? EndLease(long lease, DeleteReason reason, CommandResult actual)
    {
        if (!_leases.Remove(lease, out NaiveLease? life))
        {
            return Status(CommandStatus.LeaseNotFound, actual);
        }

        life.EndedIndex = Index;
        life.Reason = reason;
        _pending = Revision + 1;
        List<NaiveVersion> keys = [.. _live.Values.Where(v => v.Lease == lease)];
        foreach (NaiveVersion version in keys)
        {
            Tombstone(version, reason, lease);
        }

        Revision = keys.Count > 0 ? _pending : Revision;
        return Status(CommandStatus.Ok, actual)
            ?? (actual.Result == new LeaseEndedResult(new LeaseId(lease), keys.Count) ? null
                : $"the end of lease {lease} says {actual.Result}, expected {keys.Count} keys");
    }

    private List<NaivePlace> QueueNow(LockKind kind, string name)
    {
        List<NaivePlace> queue = [.. _placeOf.Values.Where(p => p.Kind == kind && p.Name == name)];
        queue.Sort(static (a, b) => a.Token.CompareTo(b.Token));
        return queue;
    }

    private string? Acquire(AcquireOp acquire, CommandResult actual)
    {
        long lease = acquire.Lease.Value;
        if (acquire.TtlMs > 0 == Lives(lease))
        {
            return Status(acquire.TtlMs > 0 ? CommandStatus.LeaseExists : CommandStatus.LeaseNotFound, actual);
        }

        List<NaivePlace> queue = QueueNow(acquire.Kind, Text(acquire.Name));
        int own = queue.FindIndex(p => p.Lease == lease);
        bool isOther = queue.Count > 0 && queue[0].Limit != acquire.Limit;
        if (isOther || (own >= 0 && queue[own].Mode != acquire.Mode))
        {
            return Status(CommandStatus.LimitMismatch, actual);
        }

        var place = new NaivePlace(acquire.Kind, Text(acquire.Name), acquire.Mode, acquire.Limit, lease, _pending, Index);
        int at = own >= 0 ? own : queue.Count;
        int holders = HoldersOf(own >= 0 ? queue : [.. queue, place]);
        CommandStatus expected = acquire.IsTry && at >= holders ? CommandStatus.LockHeld
            : own < 0 && queue.Count >= acquire.MaxQueue ? CommandStatus.QueueFull
            : CommandStatus.Ok;
        if (expected != CommandStatus.Ok)
        {
            return Status(expected, actual);
        }

        string key = own >= 0 ? queue[own].Key! : KeyOf(place);
        if (own < 0)
        {
            if (acquire.TtlMs > 0)
            {
                Grant(lease, acquire.TtlMs);
            }

            place.Key = key;
            _placeOf[key] = place;
            Places.Add(place);
            string head = acquire.Kind == LockKind.Semaphore ? acquire.Limit.ToString(CultureInfo.InvariantCulture) + " " : "";
            Put(key, [.. Encoding.ASCII.GetBytes(head), .. acquire.Value.Span], lease);
        }
        else
        {
            // Whoever asks again owns the place's newest revision.
            Put(key, Newest(key)!.Value, lease);
        }

        Revision = _pending;

        return Status(CommandStatus.Ok, actual) ?? (actual.Result is not AcquireResult result ? "no place is told"
            : SamePair(Newest(key), result.Entry) ?? Same("position", at, result.Position)
            ?? Same("holders", holders, result.HolderCount) ?? Same("holds", at < holders ? 1 : 0, result.IsHolder ? 1 : 0));
    }

    private void NotePlace(NaiveVersion version, NaiveVersion? before)
    {
        // A put over a place keeps it (that is how a leader proclaims): it has its create revision, and so its token.
        if (version.Version == 0 && before is not null && _placeOf.Remove(version.Key, out NaivePlace? gone))
        {
            gone.GoneRevision = version.Mod;
        }
    }

    private static string KeyOf(NaivePlace place)
    {
        string kind = place.Kind switch { LockKind.Lock => "locks", LockKind.Semaphore => "semaphores", _ => "elections" };
        char mode = place.Mode switch { LockMode.Exclusive => 'x', LockMode.Shared => 's', _ => 'n' };
        return $"_raftkv/{kind}/{place.Name}\0{mode}\0{place.Lease:x16}";
    }
}

/// <summary>One life of a lease; indexes are those of the entries that began and ended it.</summary>
internal sealed record NaiveLease(long Id, long TtlMs, long GrantedIndex)
{
    public long EndedIndex { get; set; } = long.MaxValue;

    public DeleteReason Reason { get; set; }
}

/// <summary>One place in a queue, from its token's revision until the one in which it went.</summary>
internal sealed record NaivePlace(LockKind Kind, string Name, LockMode Mode, int Limit, long Lease, long Token, long Index)
{
    public long GoneRevision { get; set; } = long.MaxValue;

    public string? Key { get; set; }
}
