using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.SystemRecords;

namespace RaftKv.Core.Store.Once;

/// <summary>
/// Runs a command once, however often it comes: under its client session's sequence number, or under its idempotency
/// key. Used by the applying thread.
/// </summary>
internal sealed class OnceTables
{
    private readonly ClusterRecords _cluster;

    public OnceTables(SystemTree tree, ClusterRecords cluster)
    {
        _cluster = cluster;
        Keys = new IdempotencyTable(tree, cluster);
        Sessions = new SessionTable(tree, cluster);
    }

    /// <summary>First answers under plain keys.</summary>
    public IdempotencyTable Keys { get; }

    /// <summary>Client sessions and their first answers.</summary>
    public SessionTable Sessions { get; }

    /// <summary>What a view tells of the tables.</summary>
    public OnceFacts Facts => new(
        _cluster.OnceLimits, Keys.RecordCount, Keys.RecordBytes, Keys.SharedBytes,
        Sessions.Count, Sessions.AnswerCount, Sessions.TableBytes, Keys.OwnerCount);

    /// <summary>Records that the tables write and remove at most until a command has run.</summary>
    public long WritesBefore(KvCommand command) =>
        (command.Idempotency is null ? 0 : 2 * (IdempotencyTable.RemovedPerCommand + 1)) + Sessions.WritesBefore(command);

    /// <summary>Records that the tables write and remove at most when they keep a command's answer.</summary>
    public long WritesAfter(KvCommand command) => (command.Idempotency is null ? 0 : 2) + Sessions.WritesAfter(command);

    /// <summary>The first answer, or a refusal: then the command does not run. Null when it is to run.</summary>
    public CommandResult? Find(KvCommand command, LogIndex index, Revision revision)
    {
        CommandResult? found = command.Session is null ? null : Sessions.Find(command, index, revision);
        return found is null && command.Idempotency is not null ? Keys.Find(command, revision) : found;
    }

    /// <summary>Keeps what a repeat would get by asking again. What only says "not now" is no answer.</summary>
    public void Keep(KvCommand command, CommandResult answer)
    {
        if (answer.Status is CommandStatus.Overloaded or CommandStatus.QueueFull or CommandStatus.QuotaExceeded or CommandStatus.Corrupt)
        {
            return;
        }

        if (command.Idempotency is not null)
        {
            Keys.Keep(command, answer);
        }
        else if (command.Session is { } stamp)
        {
            Sessions.Keep(stamp, answer);
        }
    }
}
