using System.Globalization;
using System.Text.Json;
using RaftKv.Core;
using RaftKv.Core.Calls;
using RaftKv.Core.Reads;
using RaftKv.Core.Replica.Levels;
using RaftKv.Core.Replica;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Gates;
using RaftKv.Core.Store.Once;
using RaftKv.Doors.Http;
using RaftKv.Doors.Http.Terms;
using RaftKv.Engine;
using RaftKv.Node;
using RaftKv.Service.Calls;
using RaftKv.Service.Refusals;
using RaftKv.Service.Vocabulary;
using RaftKv.Service.Writes;

namespace RaftKv.Doors.Rest.Admin;

/// <summary>GET /status, /cluster and /operations/{id}: what this node knows, without asking another one.</summary>
internal static class NodeEndpoints
{
    /// <summary>GET /status.</summary>
    public static async Task StatusAsync(Exchange exchange)
    {
        if (!await BeginAsync(exchange))
        {
            return;
        }

        JsonAnswer answer = JsonAnswer.Rent();
        Utf8JsonWriter json = answer.Json;
        ReplicaStatus status = exchange.Node.Status;
        StoreView view = exchange.View;
        json.WriteStartObject();
        WriteIdentity(json, exchange);
        json.WriteString("phase"u8, PhaseName(exchange.Node.Phase));
        json.WriteString("role"u8, NodeNames.RoleOf(status));
        json.WriteNumber("term"u8, status.Term.Value);
        WriteLeader(json, exchange, status);
        json.WriteNumber("revision"u8, view.Revision.Value);
        json.WriteNumber("compactedRevision"u8, view.CompactedRevision.Value);
        json.WriteNumber("keyCount"u8, view.KeyCount);
        json.WriteNumber("dataBytes"u8, view.DataBytes);
        json.WriteString("stateHash"u8, view.StateHash.ToString("x16", CultureInfo.InvariantCulture));
        json.WriteNumber("viewAppliedIndex"u8, view.AppliedIndex.Value);
        WriteLog(json, status);
        json.WriteNumber("pendingProposals"u8, status.PendingProposalCount);
        WriteOnce(json, view);
        WriteGates(json, status);
        WriteProcess(json);
        WriteMemory(json, exchange.Node.Budget, status);
        json.WriteStartObject("store"u8);
        QuotaEndpoints.WriteStore(json, exchange.Node, view);
        json.WriteEndObject();
        WriteFollowers(json, exchange, status);
        WriteProof(json, exchange, status);
        WriteAlarms(json, exchange, status);
        json.WriteEndObject();
        await AnswerWriter.SendJsonAsync(exchange, answer, SuccessStatus.Ok);
    }

    private static void WriteOnce(Utf8JsonWriter json, StoreView view)
    {
        OnceFacts once = view.Once;
        json.WriteStartObject("idempotency"u8);
        json.WriteNumber("clusterTimeMs"u8, view.ClusterTimeMs);
        json.WriteNumber("windowFloorMs"u8, once.Limits.FloorMs);
        json.WriteNumber("windowMs"u8, once.Limits.WindowMs);
        json.WriteNumber("keys"u8, once.Keys);
        json.WriteNumber("keyBytes"u8, once.KeyBytes);
        json.WriteNumber("sharedKeyBytes"u8, once.SharedKeyBytes);
        json.WriteNumber("sharedKeyBytesMax"u8, once.Limits.SharedBytes);
        json.WriteNumber("clientSessions"u8, once.Sessions);
        json.WriteNumber("clientSessionsMax"u8, once.Limits.MaxSessions);
        json.WriteNumber("clientSessionAnswers"u8, once.SessionAnswers);
        json.WriteNumber("clientSessionAnswerBytes"u8, once.SessionAnswerBytes);
        json.WriteEndObject();
    }

    // Which rules the cluster runs, and what would come when every node ran this build.
    private static void WriteGates(Utf8JsonWriter json, ReplicaStatus status)
    {
        json.WriteNumber("clusterVersion"u8, status.ClusterVersion.Value);
        json.WriteNumber("supportedVersion"u8, status.Gates.Newest.Value);
        json.WriteStartArray("gates"u8);
        foreach (GateInfo gate in status.Gates.Gates)
        {
            json.WriteStartObject();
            json.WriteNumber("number"u8, gate.Number);
            json.WriteString("name"u8, gate.Name);
            json.WriteNumber("since"u8, gate.Since.Value);
            json.WriteBoolean("on"u8, status.ClusterVersion >= gate.Since);
            json.WriteString("meaning"u8, gate.Meaning);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    // What an operator asks first when a node is slow: is it memory, and does the collector stop it?
    private static void WriteProcess(Utf8JsonWriter json)
    {
        json.WriteStartObject("process"u8);
        json.WriteNumber("workingSetBytes"u8, Environment.WorkingSet);
        json.WriteNumber("heapBytes"u8, GC.GetTotalMemory(forceFullCollection: false));
        json.WriteNumber("gcPauseMs"u8, (long)GC.GetTotalPauseDuration().TotalMilliseconds);
        json.WriteStartArray("gcCounts"u8);
        for (int generation = 0; generation <= GC.MaxGeneration; generation++)
        {
            json.WriteNumberValue(GC.CollectionCount(generation));
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteMemory(Utf8JsonWriter json, MemoryBudget budget, ReplicaStatus status)
    {
        json.WriteStartObject("memory"u8);
        json.WriteNumber("budgetBytes"u8, budget.TotalBytes);
        json.WriteNumber("logBytes"u8, status.LogBytes);
        json.WriteNumber("proposalBytes"u8, status.PendingProposalBytes);
        json.WriteStartObject("shares"u8);
        foreach (MemoryShare share in budget.Shares)
        {
            json.WriteNumber(share.Name, share.Bytes);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>GET /cluster.</summary>
    public static async Task ClusterAsync(Exchange exchange)
    {
        if (!await BeginAsync(exchange))
        {
            return;
        }

        JsonAnswer answer = JsonAnswer.Rent();
        Utf8JsonWriter json = answer.Json;
        ReplicaStatus status = exchange.Node.Status;
        json.WriteStartObject();
        json.WriteString("clusterId"u8, Hex(exchange.Node.Identity.ClusterId));
        json.WriteNumber("term"u8, status.Term.Value);
        WriteLeader(json, exchange, status);
        json.WriteBoolean("joint"u8, status.Membership.IsJoint);
        json.WriteStartArray("members"u8);
        foreach (MemberInfo member in exchange.Node.Members)
        {
            WriteMember(json, member, status);
        }

        json.WriteEndArray();
        json.WriteEndObject();
        await AnswerWriter.SendJsonAsync(exchange, answer, SuccessStatus.Ok);
    }

    /// <summary>GET /operations/{id}: honest about what it does not know.</summary>
    public static Task OperationAsync(Exchange exchange)
    {
        exchange.ParseRead(QueryField.None);
        if (!OperationTable.IsWellFormed(exchange.PathTail))
        {
            throw ApiException.Invalid("An operation's id has three hex fields joined by '-', as the Location of a 202 showed it.");
        }

        string id = exchange.PathTail.ToString();
        exchange.Observe();
        Operation? operation = exchange.Service.Writer.Operations.Find(id);
        if (operation?.Outcome is { Error: null, Outcome: ProposalOutcome.Applied } applied)
        {
            exchange.FoundWrite(new Revision(applied.Revision));
        }

        JsonAnswer answer = JsonAnswer.Rent();
        Utf8JsonWriter json = answer.Json;
        json.WriteStartObject();
        json.WriteString("id"u8, id);
        WriteOutcome(json, operation);
        json.WriteEndObject();
        return AnswerWriter.SendJsonAsync(exchange, answer, SuccessStatus.Ok);
    }

    // What a node tells of itself is its own state, unless a level is named: then its view is at least that.
    // False when the request has its answer.
    private static async ValueTask<bool> BeginAsync(Exchange exchange)
    {
        exchange.ParseRead(QueryField.None, ReadLevel.Eventual);
        if (exchange.Terms.Level == ReadLevel.Eventual)
        {
            exchange.Observe();
            return true;
        }

        return await exchange.ReadViewAsync() is not null;
    }

    private static void WriteOutcome(Utf8JsonWriter json, Operation? operation)
    {
        OperationOutcome? outcome = operation?.Outcome;
        if (operation is not null && outcome is null)
        {
            json.WriteString("state"u8, "pending"u8);
            return;
        }

        if (outcome is null || outcome.Outcome == ProposalOutcome.Unknown)
        {
            json.WriteString("state"u8, "unknown"u8);
            return;
        }

        // A write that the store refused went through the log, but had no effect: for the client it was not applied.
        if (outcome.Error is not null)
        {
            json.WriteString("state"u8, "not-applied"u8);
            json.WriteString("code"u8, ErrorMapper.Describe(outcome.Error.Code).Code);
            json.WriteString("detail"u8, outcome.Error.Detail);
            return;
        }

        json.WriteString("state"u8, "applied"u8);
        json.WriteNumber("revision"u8, outcome.Revision);
        json.WriteNumber("status"u8, outcome.Answer.Status);
        json.WritePropertyName("answer"u8);
        if (outcome.Answer.Body is not { } body)
        {
            json.WriteNullValue();
        }
        else
        {
            json.WriteRawValue(body, skipInputValidation: true);
        }
    }

    private static void WriteIdentity(Utf8JsonWriter json, Exchange exchange)
    {
        json.WriteString("name"u8, exchange.Node.Identity.Name);
        json.WriteString("id"u8, exchange.Node.Identity.Id.ToString());
        json.WriteString("clusterId"u8, Hex(exchange.Node.Identity.ClusterId));
        json.WriteString("version"u8, Product.Version);
    }

    private static void WriteLeader(Utf8JsonWriter json, Exchange exchange, ReplicaStatus status)
    {
        if (status.Leader.IsNone)
        {
            json.WriteNull("leader"u8);
            return;
        }

        json.WriteStartObject("leader"u8);
        json.WriteString("name"u8, NodeNames.NameOf(exchange.Node, status.Leader));
        json.WriteString("id"u8, status.Leader.ToString());
        json.WriteEndObject();
    }

    private static void WriteLog(Utf8JsonWriter json, ReplicaStatus status)
    {
        json.WriteNumber("commitIndex"u8, status.CommitIndex.Value);
        json.WriteNumber("appliedIndex"u8, status.AppliedIndex.Value);
        json.WriteNumber("firstIndex"u8, status.FirstIndex.Value);
        json.WriteNumber("lastIndex"u8, status.LastIndex.Value);
        json.WriteNumber("persistedIndex"u8, status.PersistedIndex.Value);
        json.WriteStartObject("snapshot"u8);
        json.WriteNumber("term"u8, status.Snapshot.Term.Value);
        json.WriteNumber("index"u8, status.Snapshot.Index.Value);
        json.WriteEndObject();
    }

    private static void WriteFollowers(Utf8JsonWriter json, Exchange exchange, ReplicaStatus status)
    {
        json.WriteStartArray("followers"u8);
        foreach (FollowerStatus follower in status.Followers)
        {
            json.WriteStartObject();
            json.WriteString("name"u8, NodeNames.NameOf(exchange.Node, follower.Node));
            json.WriteString("id"u8, follower.Node.ToString());
            json.WriteString("state"u8, follower.State);
            json.WriteNumber("matchIndex"u8, follower.MatchIndex.Value);
            json.WriteNumber("nextIndex"u8, follower.NextIndex.Value);
            json.WriteNumber("inflight"u8, follower.InflightCount);
            json.WriteNumber("silentTicks"u8, follower.SilentTicks);
            json.WriteNumber("appliedIndex"u8, follower.AppliedIndex.Value);
            json.WriteNumber("lagEntries"u8, follower.LagEntries);
            json.WriteNumber("lagMs"u8, follower.LagMs);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    // What reads can be promised here now: how old this node's state can be, and whether it may answer from a lease.
    private static void WriteProof(Utf8JsonWriter json, Exchange exchange, ReplicaStatus status)
    {
        ReadPoint point = exchange.Node.ReadPoint;
        MonotonicTime now = exchange.Node.Now;
        json.WriteNumber("allAppliedIndex"u8, status.AllAppliedIndex.Value);
        if (Exchange.ToMs(point.StalenessBoundUs(now)) is { } bound)
        {
            json.WriteNumber("stalenessMs"u8, bound);
        }
        else
        {
            json.WriteNull("stalenessMs"u8);
        }

        json.WriteStartObject("lease"u8);
        bool isHeld = point.HoldsLeaseAt(now);
        json.WriteBoolean("held"u8, isHeld);
        json.WriteNumber("remainingMs"u8, isHeld ? (point.LeaseUntil!.Value - now) / 1000 : 0);
        json.WriteEndObject();
    }

    private static void WriteAlarms(Utf8JsonWriter json, Exchange exchange, ReplicaStatus status)
    {
        json.WriteStartArray("alarms"u8);
        foreach (DivergenceAlarm alarm in status.Alarms)
        {
            json.WriteStartObject();
            json.WriteString("kind"u8, "state-differs"u8);
            json.WriteString("node"u8, NodeNames.NameOf(exchange.Node, alarm.Node));
            json.WriteNumber("index"u8, alarm.Index.Value);
            json.WriteString("leaderHash"u8, Hex(alarm.LeaderHash));
            json.WriteString("nodeHash"u8, Hex(alarm.NodeHash));
            json.WriteEndObject();
        }

        QuotaEndpoints.WriteAlarms(json, exchange.Node, exchange.View);
        json.WriteEndArray();
    }

    private static void WriteMember(Utf8JsonWriter json, MemberInfo member, ReplicaStatus status)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, member.Name);
        json.WriteString("id"u8, member.Id.ToString());
        json.WriteString("role"u8, RoleOf(member, status));
        json.WriteBoolean("voter"u8, status.Membership.IsVoter(member.Id));
        json.WriteBoolean("leader"u8, member.Id == status.Leader);
        json.WriteBoolean("self"u8, member.IsSelf);
        json.WriteString("peerUrl"u8, member.PeerUrl);
        json.WriteString("clientUrl"u8, member.ClientUrl);
        json.WriteEndObject();
    }

    // Of the others only leadership and membership are known here; a candidate elsewhere shows as follower.
    private static string RoleOf(MemberInfo member, ReplicaStatus status)
    {
        if (member.Id == status.Leader)
        {
            return "leader";
        }

        if (member.IsSelf)
        {
            return NodeNames.RoleOf(status);
        }

        return status.Membership.IsVoter(member.Id) ? "follower" : status.Membership.IsMember(member.Id) ? "learner" : "removed";
    }

    private static string PhaseName(NodePhase phase) => phase switch
    {
        NodePhase.Starting => "starting",
        NodePhase.Ready => "ready",
        NodePhase.Draining => "draining",
        NodePhase.Failed => "failed",
        _ => Check.Unreachable<string>(phase),
    };

    private static string Hex(ulong id) => id.ToString("x16", CultureInfo.InvariantCulture);
}
