using System.Globalization;
using System.Text;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Once;
using RaftKv.Core.Store.Reading;

namespace RaftKv.Simulation.Checking;

/// <summary>What the store has to answer without running the command.</summary>
/// <param name="Status">The status of a refusal.</param>
/// <param name="First">The first answer, for a repeat.</param>
/// <param name="IsWhole">False when only its digest was kept.</param>
internal sealed record NaiveVerdict(CommandStatus Status, CommandResult? First = null, bool IsWhole = true);

/// <summary>
/// What is kept for repeats, as lists that are searched from end to end. Takes from the store's code only what a record
/// counts for.
/// </summary>
internal sealed class NaiveOnce
{
    private readonly List<NaiveKey> _keys = [];
    private readonly List<NaiveSession> _sessions = [];
    private OnceLimits _asked = OnceLimits.Default;
    private long? _smallestBudget;

    /// <summary>The limits in force: those that were asked for, and less where the smallest member can't hold them.</summary>
    public OnceLimits Limits { get; private set; } = OnceLimits.Default;

    /// <summary>No answer under a plain key was forgotten while the cluster's time was below this.</summary>
    public long LowestFloorMs { get; private set; } = OnceLimits.Default.FloorMs;

    public int KeyCount => _keys.Count;

    public int SessionCount => _sessions.Count;

    public int AnswerCount => _sessions.Sum(static s => s.Answers.Count);

    /// <summary>Sessions that a full table dropped.</summary>
    public int Dropped { get; private set; }

    /// <summary>Those of them that went because all together held too many bytes.</summary>
    public int DroppedForBytes { get; private set; }

    public void Set(OnceLimits asked)
    {
        _asked = asked;
        LowestFloorMs = Math.Min(LowestFloorMs, asked.FloorMs);
        Narrow();
    }

    /// <param name="smallestBudget">What the smallest member can hold; null when nobody said anything.</param>
    public void NarrowTo(long? smallestBudget)
    {
        _smallestBudget = smallestBudget;
        Narrow();
    }

    // The same words as in docs/operations.md: two ninths of what the smallest member holds, 1 MiB at least, in 20 parts.
    private void Narrow()
    {
        Limits = _asked;
        if (_smallestBudget is { } bytes)
        {
            long part = Math.Max(bytes / 9 * 2, 1_048_576) / 20;
            long owners = Math.Min(_asked.MaxOwners, Math.Max(1, part * 4 / 262_144));
            Limits = _asked with
            {
                SharedBytes = Math.Min(_asked.SharedBytes, part * 9),
                MaxOwners = owners,
                OwnerBytes = Math.Min(_asked.OwnerBytes, part * 4 / Math.Max(1, owners)),
                MaxSessions = Math.Min(_asked.MaxSessions, Math.Max(64, part * 7 / 1_024)),
                SessionTableBytes = Math.Min(_asked.SessionTableBytes, part * 7),
            };
        }
    }

    private void DropBeyondBytes(long index)
    {
        for (int i = 0; i < 16 && TableBytes > Limits.SessionTableBytes; i++)
        {
            NaiveSession idlest = _sessions.MinBy(static s => (s.LastUse, s.Id))!;
            if (idlest.LastUse == index)
            {
                return;
            }

            _sessions.Remove(idlest);
            Dropped++;
            DroppedForBytes++;
        }
    }

    private long TableBytes => _sessions.Sum(static s => 600 + s.Answers.Sum(static a => 350L + a.Bytes));

    /// <summary>
    /// In a restored cluster: what of a session's writes was lost can't be known, so no session lives on. Answers under keys do.
    /// </summary>
    public void Restore()
    {
        _sessions.Clear();
        NarrowTo(null);
    }

    public CommandStatus Open(OpenSessionCommand open, long index)
    {
        if (_sessions.Exists(s => s.Id == open.Id.Value))
        {
            return CommandStatus.SessionExists;
        }

        while (_sessions.Count >= Limits.MaxSessions)
        {
            _sessions.Remove(_sessions.MinBy(static s => (s.LastUse, s.Id))!);
            Dropped++;
        }

        _sessions.Add(new NaiveSession(open.Id.Value, Text(open.Principal)) { LastUse = index });
        DropBeyondBytes(index);
        return CommandStatus.Ok;
    }

    public CommandStatus Close(CloseSessionCommand close) =>
        _sessions.RemoveAll(s => s.Id == close.Id.Value && s.Author == Text(close.Principal)) > 0
            ? CommandStatus.Ok
            : CommandStatus.SessionUnknown;

    public void Expire(long nowMs) => _keys.RemoveAll(k => nowMs - k.WrittenMs >= Limits.WindowMs);

    /// <summary>What is answered without running; null when the command runs.</summary>
    public NaiveVerdict? Find(KvCommand command, long index, long nowMs)
    {
        if (command.Session is { } stamp)
        {
            if (_sessions.Find(s => s.Id == stamp.Id.Value && s.Author == Text(command.Principal)) is not { } session)
            {
                return new NaiveVerdict(CommandStatus.SessionUnknown);
            }

            session.LastUse = index;
            session.Floor = Math.Max(session.Floor, stamp.AcknowledgedUpTo);
            session.Answers.RemoveAll(a => a.Sequence <= session.Floor);
            if (stamp.Sequence > 0)
            {
                return FindIn(session, stamp);
            }
        }

        return FindKey(command, nowMs);
    }

    public void Keep(KvCommand command, CommandResult answer, long nowMs)
    {
        if (answer.Status is CommandStatus.QueueFull or CommandStatus.Overloaded or CommandStatus.QuotaExceeded or CommandStatus.Corrupt)
        {
            return;
        }

        int bytes = CommandResultCodec.SizeOf(answer);
        if (command.Idempotency is not { } keyed)
        {
            SessionStamp stamp = command.Session!;
            if (_sessions.Find(s => s.Id == stamp.Id.Value) is { } session)
            {
                bool fits = bytes <= Math.Min(Limits.MaxAnswerBytes, Limits.SessionAnswerBytes - session.Answers.Sum(static a => a.Bytes));
                session.Answers.Add(new NaiveAnswer(
                    stamp.Sequence, stamp.PayloadHash.ToArray(), answer, fits, 16 + (fits ? bytes + 1 : 18)));
                DropBeyondBytes(session.LastUse);
            }

            return;
        }

        bool isWhole = bytes <= Limits.MaxAnswerBytes;
        string owner = OwnerOf(command);
        int ownerBytes = owner.Length == 0 ? 1 : owner[0] == 's' ? 9 : 1 + owner.Length;
        int nameBytes = 2 + command.Principal.Length + keyed.Key.Length;
        long cost = IdempotencyTable.CostOf(nameBytes, 24 + ownerBytes + (isWhole ? bytes + 1 : 18));
        _keys.Add(new NaiveKey(NameOf(command), keyed.PayloadHash.ToArray(), answer, isWhole, nowMs, owner, cost));

        // At one time they go in the order of their names.
        _keys.Sort(static (a, b) =>
            a.WrittenMs != b.WrittenMs ? a.WrittenMs.CompareTo(b.WrittenMs) : string.CompareOrdinal(a.Name, b.Name));
    }

    private NaiveVerdict? FindKey(KvCommand command, long nowMs)
    {
        string name = NameOf(command);
        if (_keys.Find(k => k.Name == name) is { } key && nowMs - key.WrittenMs < Limits.WindowMs)
        {
            return key.Hash.AsSpan().SequenceEqual(command.Idempotency!.PayloadHash.Span)
                ? new NaiveVerdict(default, key.First, key.IsWhole)
                : new NaiveVerdict(CommandStatus.IdempotencyReused);
        }

        _keys.RemoveAll(k => k.Name == name);
        string text = Text(command.Idempotency!.Key);
        if (text.StartsWith("born=", StringComparison.Ordinal))
        {
            long ageMs = nowMs - long.Parse(text[5..text.IndexOf(';', StringComparison.Ordinal)], CultureInfo.InvariantCulture);
            if (ageMs < 0 || ageMs >= Limits.FloorMs)
            {
                return new NaiveVerdict(ageMs < 0 ? CommandStatus.KeyFromFuture : CommandStatus.IdempotencyExpired);
            }
        }

        string owner = OwnerOf(command);
        while (_keys.Find(k => k.Owner == owner) is { } oldest
            && nowMs - oldest.WrittenMs >= (Held(owner) < Share(owner) ? Limits.WindowMs : Limits.FloorMs))
        {
            _keys.Remove(oldest);
        }

        return Held(owner) >= Share(owner) ? new NaiveVerdict(CommandStatus.Overloaded) : null;
    }

    private NaiveVerdict? FindIn(NaiveSession session, SessionStamp stamp)
    {
        if (stamp.Sequence <= session.Floor)
        {
            return new NaiveVerdict(CommandStatus.IdempotencyExpired);
        }

        if (session.Answers.Find(a => a.Sequence == stamp.Sequence) is { } kept)
        {
            return kept.Hash.AsSpan().SequenceEqual(stamp.PayloadHash.Span)
                ? new NaiveVerdict(default, kept.First, kept.IsWhole)
                : new NaiveVerdict(CommandStatus.IdempotencyReused);
        }

        return session.Answers.Count >= Limits.MaxAnswersPerSession ? new NaiveVerdict(CommandStatus.SessionFull) : null;
    }

    private string OwnerOf(KvCommand command)
    {
        string own = !command.Principal.IsEmpty ? "u" + Text(command.Principal)
            : command.Session is { } stamp ? "s" + stamp.Id
            : "";
        int named = _keys.Where(static k => k.Owner.Length > 0).Select(static k => k.Owner).Distinct().Count();
        return _keys.Exists(k => k.Owner == own) || named < Limits.MaxOwners ? own : "";
    }

    private long Held(string owner) => _keys.Where(k => k.Owner == owner).Sum(static k => k.Cost);

    private long Share(string owner) => owner.Length == 0 ? Limits.SharedBytes : Limits.OwnerBytes;

    private static string NameOf(KvCommand command) =>
        (char)command.Principal.Length + Text(command.Principal) + Text(command.Idempotency!.Key);

    private static string Text(ReadOnlyMemory<byte> bytes) => Encoding.Latin1.GetString(bytes.Span);

    private sealed record NaiveKey(string Name, byte[] Hash, CommandResult First, bool IsWhole, long WrittenMs, string Owner, long Cost);

    private sealed record NaiveAnswer(long Sequence, byte[] Hash, CommandResult First, bool IsWhole, int Bytes);

    private sealed class NaiveSession(long id, string author)
    {
        public long Id { get; } = id;

        public string Author { get; } = author;

        public long LastUse { get; set; }

        public long Floor { get; set; }

        public List<NaiveAnswer> Answers { get; } = [];
    }
}
