using System.Globalization;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Once;
using RaftKv.Core.Store.Reading;

namespace RaftKv.Core.Tests.Store;

/// <summary>
/// What is kept for repeats, written down a second time: lists that are walked from end to end. Takes from the store only
/// what a record counts for.
/// </summary>
internal sealed class OnceModel
{
    private readonly List<Key> _keys = [];
    private readonly List<Session> _sessions = [];

    public OnceLimits Limits { get; set; } = OnceLimits.Default;

    public string State => string.Create(
        CultureInfo.InvariantCulture,
        $"{_keys.Count} {_keys.Sum(k => k.Cost)} {Held("")} {_sessions.Count} {_sessions.Sum(s => s.Answers.Count)}");

    public CommandStatus Open(OpenSessionCommand open, long index)
    {
        if (_sessions.Exists(s => s.Id == open.Id.Value))
        {
            return CommandStatus.SessionExists;
        }

        while (_sessions.Count >= Limits.MaxSessions)
        {
            _sessions.Remove(_sessions.MinBy(s => (s.LastUse, s.Id))!);
        }

        _sessions.Add(new Session(open.Id.Value, StoreHarness.Text(open.Principal)) { LastUse = index });
        DropBeyondBytes(index);
        return CommandStatus.Ok;
    }

    public CommandStatus Close(CloseSessionCommand close) =>
        _sessions.RemoveAll(s => s.Id == close.Id.Value && s.Author == StoreHarness.Text(close.Principal)) > 0
            ? CommandStatus.Ok
            : CommandStatus.SessionUnknown;

    public void Expire(long nowMs) => _keys.RemoveAll(k => nowMs - k.WrittenMs >= Limits.WindowMs);

    /// <summary>What is answered without running; null when the command runs.</summary>
    public string? Find(KvCommand command, long index, long nowMs, long revision)
    {
        string author = StoreHarness.Text(command.Principal);
        if (command.Session is { } stamp)
        {
            Session? session = _sessions.Find(s => s.Id == stamp.Id.Value && s.Author == author);
            if (session is null)
            {
                return $"{CommandStatus.SessionUnknown} {revision}";
            }

            session.LastUse = index;
            session.Floor = Math.Max(session.Floor, stamp.AcknowledgedUpTo);
            session.Answers.RemoveAll(a => a.Sequence <= session.Floor);
            if (stamp.Sequence > 0)
            {
                return FindIn(session, stamp, revision);
            }
        }

        CommandKey keyed = command.Idempotency!;
        string name = StoreHarness.Text(keyed.Key);
        if (_keys.Find(k => k.Author == author && k.Name == name) is { } key && nowMs - key.WrittenMs < Limits.WindowMs)
        {
            return key.Hash == Convert.ToHexString(keyed.PayloadHash.Span) ? key.Answer : $"{CommandStatus.IdempotencyReused} {revision}";
        }

        _keys.RemoveAll(k => k.Author == author && k.Name == name);
        if (name.StartsWith("born=", StringComparison.Ordinal))
        {
            long ageMs = nowMs - long.Parse(name[5..name.IndexOf(';')], CultureInfo.InvariantCulture);
            if (ageMs < 0 || ageMs >= Limits.FloorMs)
            {
                return $"{(ageMs < 0 ? CommandStatus.KeyFromFuture : CommandStatus.IdempotencyExpired)} {revision}";
            }
        }

        string owner = OwnerOf(command);
        while (_keys.Find(k => k.Owner == owner) is { } oldest
            && nowMs - oldest.WrittenMs >= (Held(owner) < Share(owner) ? Limits.WindowMs : Limits.FloorMs))
        {
            _keys.Remove(oldest);
        }

        return Held(owner) >= Share(owner) ? $"{CommandStatus.Overloaded} {revision}" : null;
    }

    public void Keep(KvCommand command, long nowMs, string answer, int answerBytes)
    {
        if (answer.StartsWith(nameof(CommandStatus.QueueFull), StringComparison.Ordinal))
        {
            return;
        }

        if (command.Idempotency is not { } keyed)
        {
            SessionStamp stamp = command.Session!;
            if (_sessions.Find(s => s.Id == stamp.Id.Value) is { } session)
            {
                long room = Math.Min(Limits.MaxAnswerBytes, Math.Max(0, Limits.SessionAnswerBytes - session.Answers.Sum(a => a.Bytes)));
                bool isWhole = answerBytes <= room;
                session.Answers.Add(new Answer(
                    stamp.Sequence, Convert.ToHexString(stamp.PayloadHash.Span), Again(answer, isWhole),
                    16 + (isWhole ? answerBytes + 1 : 18)));
                DropBeyondBytes(session.LastUse);
            }

            return;
        }

        string author = StoreHarness.Text(command.Principal);
        string name = StoreHarness.Text(keyed.Key);
        bool isKept = answerBytes <= Limits.MaxAnswerBytes;
        string owner = OwnerOf(command);
        int ownerBytes = owner.Length == 0 ? 1 : owner[0] == 's' ? 9 : 1 + owner.Length;
        long cost = IdempotencyTable.CostOf(2 + author.Length + name.Length, 24 + ownerBytes + (isKept ? 1 + answerBytes : 18));
        _keys.Add(new Key(author, name, Convert.ToHexString(keyed.PayloadHash.Span), Again(answer, isKept), nowMs, owner, cost));

        // At one time they go in the order of their names, the author's length first.
        _keys.Sort(static (a, b) => a.WrittenMs != b.WrittenMs ? a.WrittenMs.CompareTo(b.WrittenMs)
            : a.Author.Length != b.Author.Length ? a.Author.Length.CompareTo(b.Author.Length)
            : string.CompareOrdinal(a.Author + a.Name, b.Author + b.Name));
    }

    private void DropBeyondBytes(long index)
    {
        for (int i = 0; i < 16 && _sessions.Sum(s => 600 + s.Answers.Sum(a => 350L + a.Bytes)) > Limits.SessionTableBytes; i++)
        {
            Session idlest = _sessions.MinBy(s => (s.LastUse, s.Id))!;
            if (idlest.LastUse == index)
            {
                return;
            }

            _sessions.Remove(idlest);
        }
    }

    private string? FindIn(Session session, SessionStamp stamp, long revision)
    {
        if (stamp.Sequence <= session.Floor)
        {
            return $"{CommandStatus.IdempotencyExpired} {revision}";
        }

        if (session.Answers.Find(a => a.Sequence == stamp.Sequence) is { } kept)
        {
            return kept.Hash == Convert.ToHexString(stamp.PayloadHash.Span) ? kept.Text : $"{CommandStatus.IdempotencyReused} {revision}";
        }

        return session.Answers.Count >= Limits.MaxAnswersPerSession ? $"{CommandStatus.SessionFull} {revision}" : null;
    }

    private string OwnerOf(KvCommand command)
    {
        string own = !command.Principal.IsEmpty ? "u" + StoreHarness.Text(command.Principal)
            : command.Session is { } stamp ? "s" + stamp.Id
            : "";
        bool isKnown = _keys.Exists(k => k.Owner == own);
        return isKnown || _keys.Where(k => k.Owner != "").Select(k => k.Owner).Distinct().Count() < Limits.MaxOwners ? own : "";
    }

    private long Held(string owner) => _keys.Where(k => k.Owner == owner).Sum(k => k.Cost);

    private long Share(string owner) => owner.Length == 0 ? Limits.SharedBytes : Limits.OwnerBytes;

    private static string Again(string answer, bool isWhole)
    {
        string[] words = answer.Split(' ');
        return isWhole ? "again " + answer
            : $"again {(words[0] == nameof(CommandStatus.Ok) ? nameof(CommandStatus.AnswerNotKept) : words[0])} {words[1]}";
    }

    private sealed record Key(string Author, string Name, string Hash, string Answer, long WrittenMs, string Owner, long Cost);

    private sealed record Answer(long Sequence, string Hash, string Text, int Bytes);

    private sealed class Session(long id, string author)
    {
        public long Id { get; } = id;

        public string Author { get; } = author;

        public long LastUse { get; set; }

        public long Floor { get; set; }

        public List<Answer> Answers { get; } = [];
    }
}
