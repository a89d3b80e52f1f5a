using System.Text;
using RaftKv.Contract.Bodies;
using RaftKv.Core;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Locks;
using RaftKv.Core.Store.Rights;
using RaftKv.Core.Store.Tree;
using RaftKv.Doors.Http;
using RaftKv.Doors.Http.Terms;
using RaftKv.Doors.Rest.Kv;
using RaftKv.Service.Coordination;
using RaftKv.Service.Refusals;
using RaftKv.Service.Writes;

namespace RaftKv.Doors.Rest.Coordination;

/// <summary>What only elections have: a value that the leader proclaims, and observers.</summary>
internal static class ElectionEndpoints
{
    private static readonly WriteKind _proclaim = new()
    {
        Rules = new WriteRules { GuardError = ErrorMapper.NotHolder },
        WriteBody = WriteKind.RevisionOnly,
    };

    /// <summary>PUT /elections/{name}/value: the body's bytes are the value.</summary>
    public static async Task ProclaimAsync(Exchange exchange)
    {
        (byte[] name, Revision token) = QueueEndpoints.ParseHolder(exchange);
        byte[] value = await BodyReader.ReadAsync(exchange.Http.Request, KvLimits.MaxOwnerBytes);
        HolderOutcome holder = await HolderCheck.FindAsync(exchange, LockKind.Election, name, token);
        if (holder.Refusal is { } refusal)
        {
            await ProblemWriter.SendAsync(exchange, refusal);
            return;
        }

        byte[] key = HolderCheck.KeyOf(LockKind.Election, name, holder.Entry);
        var put = new PutOp(key, value, KeepsLease: true);
        await WriteAnswers.RunAsync(exchange, new MutateCommand(put, HolderCheck.Still(KeyRange.Single(key), token)), _proclaim);
    }

    /// <summary>GET /elections/{name}: who leads, or nobody.</summary>
    public static async Task GetAsync(Exchange exchange)
    {
        exchange.ParseRead(QueryField.None);
        byte[] name = QueueNames.Decode(exchange.PathTail);
        exchange.WillRead(UserRights.QueueOf(LockKind.Election, name));
        if (await exchange.ReadViewAsync() is not { } view)
        {
            return;
        }

        LockQueue queue = view.GetLockQueue(LockKind.Election, name);
        ElectionAnswer body = new()
        {
            Name = Encoding.UTF8.GetString(name),
            Leader = queue.HolderCount == 0 ? null : LeaderOf(queue.Entries[0].Pair),
            CandidateCount = queue.Entries.Count,
            Revision = view.Revision.Value,
        };
        await AnswerWriter.SendAsync(exchange, body, AnswerJson.Default.ElectionAnswer);
    }

    /// <summary>GET /elections/{name}/observe: each leadership once, in order, and vacancy.</summary>
    public static async Task ObserveAsync(Exchange exchange)
    {
        KvQuery query = exchange.ParseRead(QueryField.Timeout);
        byte[] name = QueueNames.Decode(exchange.PathTail);
        exchange.WillRead(UserRights.QueueOf(LockKind.Election, name), KeyRights.Read | KeyRights.Watch);
        if (exchange.Node.Watches.IsStopping)
        {
            await ProblemWriter.SendAsync(exchange, ErrorMapper.ShuttingDown());
            return;
        }

        if (await exchange.ReadViewAsync() is not { } view)
        {
            return;
        }

        TimeSpan timeout = query.Has(QueryField.Timeout) ? query.Timeout : Timeout.InfiniteTimeSpan;
        await new ElectionStream(exchange, name, view, timeout).RunAsync();
    }

    /// <summary>A leader: the pair of the place that holds.</summary>
    public static LeaderBody LeaderOf(KeyValue pair)
    {
        (string value, string encoding) = PairWriter.ValueText(pair.ValueSpan);
        return new LeaderBody
        {
            Token = pair.CreateRevision.Value,
            Value = value,
            Encoding = encoding,
            Lease = pair.Lease.ToString(),
            Revision = pair.ModRevision.Value,
        };
    }
}
