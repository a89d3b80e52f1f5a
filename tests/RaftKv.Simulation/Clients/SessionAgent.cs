using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Simulation.Engine;

namespace RaftKv.Simulation.Clients;

/// <summary>
/// One client's session: numbers for its writes, in which those of unknown outcome stay open and come again after later
/// ones; acknowledged is what lies below the lowest open one. Sometimes it does what it should not: it acknowledges what is
/// open, or repeats what it has acknowledged.
/// </summary>
internal sealed class SessionAgent(int number, DeterministicRandom random)
{
    private const int MostOpen = 6;

    private readonly List<KvCommand> _open = [];
    private KvCommand? _old;
    private long _last;

    /// <summary>Who the client says it is; empty for nobody.</summary>
    public ReadOnlyMemory<byte> Principal { get; } = number % 3 == 1 ? Encoding.ASCII.GetBytes($"u{number % 2}") : default;

    /// <summary>Its session; null while it has none.</summary>
    public ClientSessionId? Id { get; private set; }

    /// <summary>What it sends again; null for nothing.</summary>
    public KvCommand? Repeat()
    {
        if (_open.Count > 0 && random.Chance(300))
        {
            return Refreshed(_open[random.Next(_open.Count)]);
        }

        return random.Chance(15) ? _old : null;
    }

    /// <summary>A new write under the next number, or the opening of a session.</summary>
    public KvCommand Next(KvCommand command, long operationId)
    {
        if (Id is not { } id || _open.Count >= MostOpen)
        {
            return new OpenSessionCommand(new ClientSessionId(operationId)) { Principal = Principal };
        }

        KvCommand stamped = Refreshed(command with
        {
            Principal = Principal,
            Session = new SessionStamp(id, ++_last, 0, new byte[KvLimits.PayloadHashBytes]),
        });
        _old ??= stamped;
        _open.Add(stamped);
        return stamped;
    }

    /// <summary>Ends its session, by its own will.</summary>
    public KvCommand? Close() => Id is { } id ? new CloseSessionCommand(id) { Principal = Principal } : null;

    /// <summary>An idempotency key that is the session's, or says when it was born, or is a plain one.</summary>
    public KvCommand Keyed(KvCommand command, long operationId, long clusterTimeMs)
    {
        byte[] key = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(key, operationId);
        if (random.Chance(250))
        {
            long birthMs = clusterTimeMs + random.OneOf(0, 0, 0, 1);
            byte[] birth = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"born={birthMs};"));
            key = [.. birth, .. key];
        }

        return command with
        {
            Idempotency = new CommandKey(key, new byte[KvLimits.PayloadHashBytes]),
            Session = Id is { } id && random.Chance(200) ? new SessionStamp(id, 0, 0, default) : null,
            Principal = Principal,
        };
    }

    /// <summary>One of its commands was answered.</summary>
    public void Answered(KvCommand command, CommandResult result)
    {
        if (command is OpenSessionCommand { Session: null } open && result.Status == CommandStatus.Ok)
        {
            (Id, _last) = (open.Id, 0);
            _open.Clear();
        }
        else if (result.Status == CommandStatus.SessionUnknown || command is CloseSessionCommand)
        {
            Id = null;
            _open.Clear();
        }
        else if (command.Session is { Sequence: > 0 } stamp && random.Chance(900))
        {
            // One that is kept open though it is answered comes again, and gets the same answer.
            _open.RemoveAll(o => o.Session!.Sequence == stamp.Sequence);
        }
    }

    // A repeat carries what the client knows now, not what it knew then.
    private KvCommand Refreshed(KvCommand command)
    {
        SessionStamp stamp = command.Session!;
        long lowest = _open.Count == 0 ? stamp.Sequence : Math.Min(stamp.Sequence, _open.Min(static o => o.Session!.Sequence));
        long acknowledged = random.Chance(30) ? stamp.Sequence - 1 : random.Chance(200) ? 0 : lowest - 1;
        return command with { Session = stamp with { AcknowledgedUpTo = acknowledged } };
    }
}
