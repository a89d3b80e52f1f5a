using System.Globalization;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.Tree;

namespace RaftKv.Core.Tests.Store;

/// <summary>
/// Leases, locks, fences, guards and keyed commands written down a second time, as plainly as can be: dictionaries and
/// walks over all of them. Shares nothing with the store but the commands.
/// </summary>
internal sealed class CoordinationModel
{
    private readonly SortedDictionary<string, ModelPair> _keys = new(StringComparer.Ordinal);
    private readonly SortedDictionary<long, long> _leases = [];
    private readonly SortedDictionary<string, string> _guards = new(StringComparer.Ordinal);
    private readonly OnceModel _once = new();
    private bool _hasKey;

    public long Revision { get; private set; } = 1;

    public long TimeMs { get; private set; }

    /// <summary>Every key with its lease and revisions, every lease with its keys, every guard.</summary>
    public string State =>
        string.Join(" ", _keys.Select(pair => $"{pair.Key}={pair.Value}"))
        + " | " + string.Join(" ", _leases.Select(lease => $"{lease.Key}:{lease.Value}[{string.Join(',', KeysOf(lease.Key))}]"))
        + " | " + string.Join(" ", _guards.Select(guard => $"{guard.Key}>{guard.Value}")) + $" | {TimeMs} {_hasKey} {_once.State}";

    /// <summary>The same for the store.</summary>
    public static string StateOf(StoreView view)
    {
        IEnumerable<string> keys = view.Range(new RangeRequest { Keys = KeyRange.All }).Pairs.Select(
            pair => $"{StoreHarness.Text(pair.Key)}={Tell(pair)}");
        IEnumerable<string> leases = view.ListLeases(LeaseId.None, 100).Select(lease =>
            $"{lease.Id.Value}:{lease.TtlMs}[{string.Join(',', view.GetLeaseKeys(lease.Id, 100).Select(StoreHarness.Text))}]");
        IEnumerable<string> guards = view.ListGuards().Select(
            guard => $"{StoreHarness.Text(guard.Prefix)}>{(guard.Lock is { } name ? QueueOf(name.Kind, name.Name) : "any")}");
        return string.Join(" ", keys) + " | " + string.Join(" ", leases) + " | " + string.Join(" ", guards)
            + $" | {view.ClusterTimeMs} {!view.ClusterKey.IsEmpty}"
            + $" {view.Once.Keys} {view.Once.KeyBytes} {view.Once.SharedKeyBytes} {view.Once.Sessions} {view.Once.SessionAnswers}";
    }

    /// <summary>Runs a command; what the store must answer.</summary>
    /// <param name="result">The store's own answer, only to know its length.</param>
    public string Run(KvCommand command, long index, CommandResult result)
    {
        if (command.Idempotency is null && command.Session is null)
        {
            return RunFenced(command, index);
        }

        if (_once.Find(command, index, TimeMs, Revision) is { } first)
        {
            return first;
        }

        string answer = RunFenced(command, index);
        _once.Keep(command, TimeMs, answer, CommandResultCodec.SizeOf(result));
        return answer;
    }

    /// <summary>The store's answer in the model's words.</summary>
    public static string Tell(CommandResult result) =>
        (result.IsReplayed ? "again " : "") + $"{result.Status} {result.Revision.Value}" + result.Result switch
        {
            PutResult put => " " + Marks(put.Written),
            DeleteRangeResult delete => $" {delete.DeletedCount}",
            LeaseGrantedResult granted => $" {granted.Id.Value}:{granted.TtlMs}",
            LeaseEndedResult ended => $" {ended.Id.Value}-{ended.DeletedCount}",
            AcquireResult acquire => $" {Marks(acquire.Entry)} {acquire.IsHolder} {acquire.Position} {acquire.HolderCount}",
            TxnResult => " txn",
            _ => "",
        };

    private static string Tell(KeyValue pair) => StoreHarness.Text(pair.Value) + Marks(pair);

    // What a client wrote itself is not in the answer to a repeat.
    private static string Marks(KeyValue pair) => new ModelPair(
        "", pair.CreateRevision.Value, pair.ModRevision.Value, pair.Version, pair.Lease.Value).ToString();

    private static string QueueOf(LockKind kind, ReadOnlyMemory<byte> name) =>
        $"_raftkv/{(kind == LockKind.Lock ? "locks" : kind == LockKind.Semaphore ? "semaphores" : "elections")}/"
        + StoreHarness.Text(name) + "\0";

    private string Answer(CommandStatus status, string more = "") => $"{status} {Revision}{more}";

    private string RunFenced(KvCommand command, long index)
    {
        bool holds = command.Fences.All(fence => Holders(QueueOf(fence.Kind, fence.Name), out _)
            .Any(key => _keys[key].Create == fence.Token.Value));
        return !holds ? Answer(CommandStatus.FenceLost) : command switch
        {
            MutateCommand mutate => Mutate(mutate),
            GrantLeaseCommand grant when _leases.ContainsKey(grant.Id.Value) => Answer(CommandStatus.LeaseExists),
            GrantLeaseCommand grant => Grant(grant.Id.Value, grant.TtlMs),
            RevokeLeaseCommand revoke => End(revoke.Id.Value),
            ExpireLeaseCommand expire => expire.Term == StoreHarness.EntryTerm ? End(expire.Id.Value) : Answer(CommandStatus.StaleTerm),
            AdvanceTimeCommand advance => Advance(advance.DeltaMs),
            SetGuardCommand set => SetGuard(StoreHarness.Text(set.Prefix), set.Lock is { } name ? QueueOf(name.Kind, name.Name) : "any"),
            RemoveGuardCommand remove => Answer(
                _guards.Remove(StoreHarness.Text(remove.Prefix)) ? CommandStatus.Ok : CommandStatus.GuardNotFound),
            SetClusterKeyCommand => SetKey(),
            OpenSessionCommand open => Answer(_once.Open(open, index)),
            CloseSessionCommand close => Answer(_once.Close(close)),
            SetOnceLimitsCommand set => SetLimits(set.Limits),
            _ => throw new ArgumentException(command.GetType().Name),
        };
    }

    private string Mutate(MutateCommand mutate)
    {
        IReadOnlyList<KvOp> ops = mutate.Op is TxnOp txn ? txn.Then : [mutate.Op];
        if (ops.Any(op => !IsAllowed(op, mutate.Fences)))
        {
            return Answer(CommandStatus.FenceRequired);
        }

        if (mutate.Guard is { } guard)
        {
            long created = _keys.TryGetValue(StoreHarness.Text(guard.Keys.Start), out ModelPair? pair) ? pair.Create : 0;
            if (created != guard.Number)
            {
                return Answer(CommandStatus.GuardFailed);
            }
        }

        if (ops.OfType<PutOp>().Any(put => put.Lease.Value != 0 && !_leases.ContainsKey(put.Lease.Value)))
        {
            return Answer(CommandStatus.LeaseNotFound);
        }

        switch (mutate.Op)
        {
            case AcquireOp acquire:
                return Acquire(acquire);
            case PutOp put:
                Revision++;
                return Answer(CommandStatus.Ok, " " + Put(put));
            case DeleteRangeOp delete:
                string[] gone = [.. _keys.Keys.Where(key => delete.Keys.Contains(StoreHarness.Bytes(key).Span))];
                Revision += gone.Length > 0 ? 1 : 0;
                Array.ForEach(gone, key => _keys.Remove(key));
                return Answer(CommandStatus.Ok, $" {gone.Length}");
            default:
                Revision++;
                Put((PutOp)ops[0]);
                _keys.TryGetValue("n/1", out ModelPair? counter);
                long sum = (counter is null ? 0 : long.Parse(counter.Value, CultureInfo.InvariantCulture)) + 2;
                Write("n/1", sum.ToString(CultureInfo.InvariantCulture), counter?.Lease ?? 0);
                return Answer(CommandStatus.Ok, " txn");
        }
    }

    private string Acquire(AcquireOp acquire)
    {
        long lease = acquire.Lease.Value;
        if (_leases.ContainsKey(lease) == (acquire.TtlMs > 0))
        {
            return Answer(acquire.TtlMs > 0 ? CommandStatus.LeaseExists : CommandStatus.LeaseNotFound);
        }

        string prefix = QueueOf(acquire.Kind, acquire.Name);
        List<string> holders = Holders(prefix, out List<string> queue);
        if (acquire.Kind == LockKind.Semaphore && queue.Count > 0 && LimitOf(queue) != acquire.Limit)
        {
            return Answer(CommandStatus.LimitMismatch);
        }

        string letter = acquire.Mode == LockMode.Exclusive ? "x" : acquire.Mode == LockMode.Shared ? "s" : "n";
        string own = $"{prefix}{letter}\0{lease:x16}";
        string? present = queue.Find(key => _keys[key].Lease == lease);
        if (present is not null)
        {
            if (present != own || (acquire.IsTry && !holders.Contains(own)))
            {
                return Answer(present != own ? CommandStatus.LimitMismatch : CommandStatus.LockHeld);
            }

            Revision++;
            string again = Write(own, _keys[own].Value, lease);
            return Answer(CommandStatus.Ok, $" {again} {holders.Contains(own)} {queue.IndexOf(own)} {holders.Count}");
        }

        // Put it there, and look whether it holds.
        long before = Revision++;
        string value = acquire.Kind == LockKind.Semaphore ? $"{acquire.Limit} owner" : "owner";
        string entry = Write(own, value, lease);
        holders = Holders(prefix, out queue);
        bool isHolder = holders.Contains(own);
        CommandStatus status = acquire.IsTry && !isHolder ? CommandStatus.LockHeld
            : queue.Count > acquire.MaxQueue ? CommandStatus.QueueFull
            : CommandStatus.Ok;
        if (status != CommandStatus.Ok)
        {
            _keys.Remove(own);
            Revision = before;
            return Answer(status);
        }

        _leases[lease] = acquire.TtlMs > 0 ? acquire.TtlMs : _leases[lease];
        return Answer(CommandStatus.Ok, $" {entry} {isHolder} {queue.IndexOf(own)} {holders.Count}");
    }

    private List<string> Holders(string prefix, out List<string> queue)
    {
        queue = [.. _keys.Where(pair => pair.Key.StartsWith(prefix, StringComparison.Ordinal))
            .OrderBy(pair => pair.Value.Create).Select(pair => pair.Key)];
        if (prefix.Contains("/semaphores/", StringComparison.Ordinal))
        {
            return [.. queue.Take(queue.Count == 0 ? 0 : LimitOf(queue))];
        }

        List<string> shared = [.. queue.TakeWhile(key => key[prefix.Length] == 's')];
        return shared.Count > 0 ? shared : [.. queue.Take(1)];
    }

    private int LimitOf(List<string> queue) => int.Parse(_keys[queue[0]].Value.Split(' ')[0], CultureInfo.InvariantCulture);

    private bool IsAllowed(KvOp op, IReadOnlyList<Fence> fences)
    {
        bool Touches(string prefix) => op switch
        {
            PutOp put => IsGuarded(StoreHarness.Text(put.Key), prefix),
            IncrementOp increment => IsGuarded(StoreHarness.Text(increment.Key), prefix),
            DeleteRangeOp { Keys.Kind: KeyRangeKind.Single } delete => IsGuarded(StoreHarness.Text(delete.Keys.Start), prefix),
            DeleteRangeOp delete => Overlaps(delete.Keys, prefix),
            _ => false,
        };
        return _guards.All(guard => !Touches(guard.Key)
            || (guard.Value == "any" ? fences.Count > 0 : fences.Any(fence => QueueOf(fence.Kind, fence.Name) == guard.Value)));
    }

    private static bool IsGuarded(string key, string prefix) =>
        key.StartsWith(prefix, StringComparison.Ordinal) && !key.StartsWith("_raftkv/", StringComparison.Ordinal);

    // Two ranges meet when each begins before the other ends.
    private static bool Overlaps(KeyRange keys, string prefix)
    {
        KeyRange guarded = KeyRange.Prefix(StoreHarness.Bytes(prefix));
        bool isEndless = keys.Kind == KeyRangeKind.From;
        bool isEmpty = !isEndless && keys.Start.Span.SequenceCompareTo(keys.End.Span) >= 0;
        return !isEmpty && (isEndless || guarded.Start.Span.SequenceCompareTo(keys.End.Span) < 0)
            && keys.Start.Span.SequenceCompareTo(guarded.End.Span) < 0;
    }

    private string Put(PutOp put) => Write(StoreHarness.Text(put.Key), StoreHarness.Text(put.Value), put.Lease.Value);

    private string Write(string key, string value, long lease)
    {
        _keys.TryGetValue(key, out ModelPair? before);
        _keys[key] = new ModelPair(value, before?.Create ?? Revision, Revision, (before?.Version ?? 0) + 1, lease);
        return (_keys[key] with { Value = "" }).ToString();
    }

    private string Grant(long lease, long ttlMs)
    {
        _leases.Add(lease, ttlMs);
        return Answer(CommandStatus.Ok, $" {lease}:{ttlMs}");
    }

    private string End(long lease)
    {
        if (!_leases.Remove(lease))
        {
            return Answer(CommandStatus.LeaseNotFound);
        }

        List<string> keys = KeysOf(lease);
        keys.ForEach(key => _keys.Remove(key));
        Revision += keys.Count > 0 ? 1 : 0;
        return Answer(CommandStatus.Ok, $" {lease}-{keys.Count}");
    }

    private string Advance(long deltaMs)
    {
        TimeMs += deltaMs;
        _once.Expire(TimeMs);
        return Answer(CommandStatus.Ok);
    }

    private string SetLimits(OnceLimits limits)
    {
        _once.Limits = limits;
        return Answer(CommandStatus.Ok);
    }

    private string SetGuard(string prefix, string lockName)
    {
        _guards[prefix] = lockName;
        return Answer(CommandStatus.Ok);
    }

    private string SetKey()
    {
        string answer = Answer(_hasKey ? CommandStatus.AlreadySet : CommandStatus.Ok);
        _hasKey = true;
        return answer;
    }

    private List<string> KeysOf(long lease) => [.. _keys.Where(pair => pair.Value.Lease == lease).Select(pair => pair.Key)];

    private sealed record ModelPair(string Value, long Create, long Mod, long Version, long Lease)
    {
        public override string ToString() => $"{Value}(c{Create} m{Mod} v{Version} l{Lease})";
    }
}
