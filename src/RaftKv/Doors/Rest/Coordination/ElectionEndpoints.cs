using System.Text.Json;
using RaftKv.Core;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Locks;
using RaftKv.Core.Store.Tree;
using RaftKv.Doors.Http;
using RaftKv.Doors.Http.Terms;
using RaftKv.Doors.Rest.Kv;
using RaftKv.Service.Refusals;
using RaftKv.Service.Writes;

namespace RaftKv.Doors.Rest.Coordination;

/// <summary>What only elections have: a value that the leader proclaims, and observers.</summary>
internal static class ElectionEndpoints
{
    private static readonly WriteKind _proclaim = new()
    {
        Rules = new WriteRules { GuardError = ErrorMapper.NotHolder },
        WriteBody = static (json, result) =>
        {
            json.WriteStartObject();
            json.WriteNumber("revision"u8, result.Revision.Value);
            json.WriteEndObject();
        },
    };

    /// <summary>PUT /elections/{name}/value: the body's bytes are the value.</summary>
    public static async Task ProclaimAsync(Exchange exchange)
    {
        (byte[] name, Revision token) = QueueEndpoints.ParseHolder(exchange);
        byte[] value = await BodyReader.ReadAsync(exchange.Http.Request, KvLimits.MaxOwnerBytes);
        LockEntry? entry = await QueueEndpoints.HolderAsync(exchange, LockKind.Election, name, token);
        byte[] key = QueueEndpoints.KeyOf(exchange, LockKind.Election, name, entry);
        var put = new PutOp(key, value, KeepsLease: true);
        await WriteAnswers.RunAsync(exchange, new MutateCommand(put, QueueEndpoints.Still(KeyRange.Single(key), token)), _proclaim);
    }

    /// <summary>GET /elections/{name}: who leads, or nobody.</summary>
    public static async Task GetAsync(Exchange exchange)
    {
        exchange.ParseRead(QueryField.None);
        byte[] name = QueueNames.Decode(exchange.PathTail);
        if (await exchange.ReadViewAsync() is not { } view)
        {
            return;
        }

        LockQueue queue = view.GetLockQueue(LockKind.Election, name);
        JsonAnswer answer = JsonAnswer.Rent();
        answer.Json.WriteStartObject();
        answer.Json.WriteString("name"u8, name);
        if (queue.HolderCount == 0)
        {
            answer.Json.WriteNull("leader"u8);
        }
        else
        {
            answer.Json.WritePropertyName("leader"u8);
            WriteLeader(answer.Json, queue.Entries[0].Pair);
        }

        answer.Json.WriteNumber("candidateCount"u8, queue.Entries.Count);
        answer.Json.WriteNumber("revision"u8, view.Revision.Value);
        answer.Json.WriteEndObject();
        await AnswerWriter.SendJsonAsync(exchange, answer, SuccessStatus.Ok);
    }

    /// <summary>GET /elections/{name}/observe: each leadership once, in order, and vacancy.</summary>
    public static async Task ObserveAsync(Exchange exchange)
    {
        KvQuery query = exchange.ParseRead(QueryField.Timeout);
        byte[] name = QueueNames.Decode(exchange.PathTail);
        if (exchange.Node.Watches.IsStopping)
        {
            throw new ApiException(ErrorMapper.FromRefusedBarrier(isShuttingDown: true, exchange.Node.Phase));
        }

        if (await exchange.ReadViewAsync() is not { } view)
        {
            return;
        }

        TimeSpan timeout = query.Has(QueryField.Timeout) ? query.Timeout : Timeout.InfiniteTimeSpan;
        await new ElectionStream(exchange, name, view, timeout).RunAsync();
    }

    /// <summary>A leader: the pair of the place that holds.</summary>
    public static void WriteLeader(Utf8JsonWriter json, KeyValue pair)
    {
        json.WriteStartObject();
        json.WriteNumber("token"u8, pair.CreateRevision.Value);
        PairWriter.WriteValue(json, pair.Value.Span, isBase64: false);
        json.WriteString("lease"u8, pair.Lease.ToString());
        json.WriteNumber("revision"u8, pair.ModRevision.Value);
        json.WriteEndObject();
    }
}
