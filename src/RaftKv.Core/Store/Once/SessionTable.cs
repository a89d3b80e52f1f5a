using System.Buffers.Binary;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.SystemRecords;
using RaftKv.Core.Store.Tree;

namespace RaftKv.Core.Store.Once;

/// <summary>
/// Client sessions (Raft thesis 6.3): first answers by sequence number, which come in any order, kept until the client
/// has acknowledged them. Below that floor a repeat is provably gone. Used by the applying thread.
/// </summary>
/// <remarks>
/// The table is bounded by live clients, in number and in bytes: a full one drops the session that was idle longest,
/// counted in entries. What
/// comes under a session that is not there is refused and never run: its client can't know whether it had run.
/// <code>
/// session  u8 table   i64 id                  i64 last entry that used it   i64 floor   principal
/// answer   u8 table   i64 id   i64 sequence   16 bytes of payload hash   what is kept of the answer
/// </code>
/// </remarks>
internal sealed class SessionTable
{
    /// <summary>Sessions dropped by one command; more than one mostly after the limits fell. Replicated.</summary>
    internal const int DroppedPerCommand = 16;

    /// <summary>What a session costs in memory, and an answer beyond its bytes. Replicated: the bound is counted in it.</summary>
    internal const int SessionCost = 600, AnswerCost = 350;

    private const int HashBytes = KvLimits.PayloadHashBytes;
    private const int HeaderBytes = 2 * sizeof(long);

    private readonly SystemTree _tree;
    private readonly ClusterRecords _cluster;
    private readonly Dictionary<ClientSessionId, ClientSession> _sessions = [];

    // By last use. An entry uses at most two sessions, one of them by opening it, so the id is needed as well.
    private readonly SortedSet<(long LastUse, long Id)> _byIdleness = [];

    public SessionTable(SystemTree tree, ClusterRecords cluster)
    {
        _tree = tree;
        _cluster = cluster;
        KeyTreeCursor cursor = new(tree.Root);
        for (bool isInside = cursor.MoveToAtOrAfter([SystemKeys.Session]); isInside; isInside = cursor.MoveNext())
        {
            Load((KeyValue)cursor.Slot);
        }
    }

    /// <summary>Sessions.</summary>
    public int Count => _sessions.Count;

    /// <summary>Answers that they keep.</summary>
    public long AnswerCount { get; private set; }

    /// <summary>Bytes of them.</summary>
    public long AnswerBytes { get; private set; }

    /// <summary>What all that counts for.</summary>
    public long TableBytes => (Count * SessionCost) + (AnswerCount * AnswerCost) + AnswerBytes;

    // Records of sessions that one command may drop at most; it drops none while there is room for one answer more.
    private long MostDropped => Count < _cluster.OnceLimits.MaxSessions
        && TableBytes + AnswerCost + KvLimits.MaxStoredAnswerBytes + SessionCost < _cluster.OnceLimits.SessionTableBytes
            ? 0
            : Math.Min(AnswerCount + Count, DroppedPerCommand * (1 + OnceLimits.MostAnswersPerSession));

    /// <summary>Records that the table writes and removes at most until a command has run.</summary>
    public long WritesBefore(KvCommand command)
    {
        long writes = command.Session is { } stamp ? 2 + AnswersOf(stamp.Id) : 0;
        return writes + command switch
        {
            OpenSessionCommand => 1 + (2 * MostDropped),
            CloseSessionCommand close => 1 + AnswersOf(close.Id),
            _ => 0,
        };
    }

    /// <summary>Records that the table writes and removes at most when it keeps a command's answer.</summary>
    public long WritesAfter(KvCommand command) => command.Session is null ? 0 : 1 + MostDropped;

    /// <summary>Opens a session for the command's author.</summary>
    public CommandStatus Open(OpenSessionCommand open, LogIndex index)
    {
        if (_sessions.ContainsKey(open.Id))
        {
            return CommandStatus.SessionExists;
        }

        for (int i = 0; i < DroppedPerCommand && Count >= _cluster.OnceLimits.MaxSessions; i++)
        {
            Drop(_sessions[new ClientSessionId(_byIdleness.Min.Id)]);
        }

        ClientSession session = new(open.Id, open.Principal.ToArray());
        _sessions.Add(open.Id, session);
        Use(session, index, session.Floor);
        DropBeyondBytes(index);
        return CommandStatus.Ok;
    }

    /// <summary>Ends a session of the command's author.</summary>
    public CommandStatus Close(CloseSessionCommand close)
    {
        if (Find(close.Id, close.Principal) is not { } session)
        {
            return CommandStatus.SessionUnknown;
        }

        Drop(session);
        return CommandStatus.Ok;
    }

    /// <summary>
    /// Notes the use of the session and what it acknowledges; then the first answer, or a refusal, and the command does
    /// not run. Null when it is to run.
    /// </summary>
    public CommandResult? Find(KvCommand command, LogIndex index, Revision revision)
    {
        SessionStamp stamp = command.Session!;
        if (Find(stamp.Id, command.Principal) is not { } session)
        {
            return new CommandResult(CommandStatus.SessionUnknown, revision);
        }

        Use(session, index, Math.Max(session.Floor, stamp.AcknowledgedUpTo));
        if (stamp.Sequence == 0)
        {
            return null;
        }

        if (stamp.Sequence <= session.Floor)
        {
            return new CommandResult(CommandStatus.IdempotencyExpired, revision);
        }

        if (_tree.Find(AnswerKey(stamp.Id, stamp.Sequence)) is { } record)
        {
            return record.ValueSpan[..HashBytes].SequenceEqual(stamp.PayloadHash.Span)
                ? KeptAnswer.Read(record.Value[HashBytes..])
                : new CommandResult(CommandStatus.IdempotencyReused, revision);
        }

        return session.AnswerCount < _cluster.OnceLimits.MaxAnswersPerSession
            ? null
            : new CommandResult(CommandStatus.SessionFull, revision);
    }

    /// <summary>Keeps the first answer; nothing when the command itself has ended its session.</summary>
    public void Keep(SessionStamp stamp, CommandResult answer)
    {
        if (!_sessions.TryGetValue(stamp.Id, out ClientSession? session))
        {
            return;
        }

        OnceLimits limits = _cluster.OnceLimits;
        long room = Math.Max(0, limits.SessionAnswerBytes - session.AnswerBytes);
        long maxBytes = Math.Min(limits.MaxAnswerBytes, room);
        byte[] value = new byte[HashBytes + KeptAnswer.SizeOf(answer, maxBytes)];
        stamp.PayloadHash.Span.CopyTo(value);
        KeptAnswer.Write(answer, maxBytes, value.AsSpan(HashBytes));
        _tree.Set(AnswerKey(stamp.Id, stamp.Sequence), value);
        CountAnswer(session, value.Length);
        DropBeyondBytes(session.LastUse);
    }

    // What the entry itself uses stays: one session alone is bounded by its own limits.
    private void DropBeyondBytes(LogIndex index)
    {
        for (int i = 0; i < DroppedPerCommand && TableBytes > _cluster.OnceLimits.SessionTableBytes; i++)
        {
            (long lastUse, long id) = _byIdleness.Min;
            if (lastUse == index.Value)
            {
                return;
            }

            Drop(_sessions[new ClientSessionId(id)]);
        }
    }

    private long AnswersOf(ClientSessionId id) => _sessions.TryGetValue(id, out ClientSession? session) ? session.AnswerCount : 0;

    private ClientSession? Find(ClientSessionId id, ReadOnlyMemory<byte> principal) =>
        _sessions.TryGetValue(id, out ClientSession? session) && session.Principal.Span.SequenceEqual(principal.Span) ? session : null;

    private void Use(ClientSession session, LogIndex index, long floor)
    {
        if (floor > session.Floor)
        {
            RemoveAnswers(session, upTo: floor);
        }

        _byIdleness.Remove((session.LastUse.Value, session.Id.Value));
        (session.LastUse, session.Floor) = (index, floor);
        _byIdleness.Add((index.Value, session.Id.Value));
        Span<byte> value = stackalloc byte[HeaderBytes + KvLimits.MaxPrincipalBytes];
        BinaryPrimitives.WriteInt64LittleEndian(value, index.Value);
        BinaryPrimitives.WriteInt64LittleEndian(value[sizeof(long)..], floor);
        session.Principal.Span.CopyTo(value[HeaderBytes..]);
        _tree.Set(SystemKeys.Of(SystemKeys.Session, session.Id.Value), value[..(HeaderBytes + session.Principal.Length)]);
    }

    private void Drop(ClientSession session)
    {
        RemoveAnswers(session, upTo: long.MaxValue);
        bool isRemoved = _tree.Remove(SystemKeys.Of(SystemKeys.Session, session.Id.Value)) & _sessions.Remove(session.Id)
            & _byIdleness.Remove((session.LastUse.Value, session.Id.Value));
        Check.That(isRemoved && session.AnswerCount == 0, "a session goes with all that it has", session.Id.Value, session.AnswerCount);
    }

    private void RemoveAnswers(ClientSession session, long upTo)
    {
        while (session.AnswerCount > 0)
        {
            KeyTreeCursor cursor = new(_tree.Root);
            bool isInside = cursor.MoveToAtOrAfter(SystemKeys.Of(SystemKeys.SessionAnswer, session.Id.Value));
            KeyValue record = (KeyValue)cursor.Slot;
            Check.That(
                isInside && SystemKeys.NumberIn(record.KeySpan) == session.Id.Value, "a session's answers are counted",
                session.Id.Value, session.AnswerCount);
            if (SequenceIn(record.KeySpan) > upTo)
            {
                return;
            }

            _tree.Remove(record.KeySpan);
            CountAnswer(session, -record.ValueSpan.Length);
        }
    }

    private void CountAnswer(ClientSession session, int bytes)
    {
        session.AnswerCount += Math.Sign(bytes);
        session.AnswerBytes += bytes;
        AnswerCount += Math.Sign(bytes);
        AnswerBytes += bytes;
    }

    // Sessions come before their answers, in the order of the tables.
    private void Load(KeyValue record)
    {
        ReadOnlySpan<byte> key = record.KeySpan;
        if (SystemKeys.IsOf(key, SystemKeys.SessionAnswer))
        {
            CountAnswer(_sessions[new ClientSessionId(SystemKeys.NumberIn(key))], record.ValueSpan.Length);
        }
        else if (SystemKeys.IsOf(key, SystemKeys.Session))
        {
            ClientSession session = new(new ClientSessionId(SystemKeys.NumberIn(key)), record.Value[HeaderBytes..])
            {
                LastUse = new LogIndex(BinaryPrimitives.ReadInt64LittleEndian(record.ValueSpan)),
                Floor = BinaryPrimitives.ReadInt64LittleEndian(record.ValueSpan[sizeof(long)..]),
            };
            _sessions.Add(session.Id, session);
            _byIdleness.Add((session.LastUse.Value, session.Id.Value));
        }
    }

    private static long SequenceIn(ReadOnlySpan<byte> key) => BinaryPrimitives.ReadInt64BigEndian(key[(1 + sizeof(long))..]);

    private static byte[] AnswerKey(ClientSessionId session, long sequence)
    {
        Span<byte> name = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(name, sequence);
        return SystemKeys.Of(SystemKeys.SessionAnswer, session.Value, name);
    }
}
