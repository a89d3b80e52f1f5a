using System.Globalization;
using RaftKv.Contract;
using RaftKv.Contract.Bodies;
using RaftKv.Core;
using RaftKv.Core.Reads;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Once;
using RaftKv.Doors.Http;
using RaftKv.Engine;
using RaftKv.Node;
using RaftKv.Security.Tls;
using RaftKv.Service.Vocabulary;

namespace RaftKv.Doors.Rest.Admin;

/// <summary>What a node tells of itself.</summary>
internal static class StatusBodies
{
    /// <summary>The whole of it.</summary>
    public static StatusAnswer Of(Exchange exchange)
    {
        INode node = exchange.Node;
        EngineStatus status = node.Status;
        StoreView view = exchange.View;
        ReadPoint point = node.ReadPoint;
        MonotonicTime now = node.Now;
        bool holdsLease = point.HoldsLeaderLeaseAt(now);
        return new StatusAnswer
        {
            Name = node.Identity.Name,
            Id = node.Identity.Id.ToString(),
            ClusterId = Hex(node.Identity.ClusterId),
            Version = Product.Version,
            Engine = node.EngineName,
            Phase = PhaseName(node.Phase),
            Role = NodeNames.RoleOf(status),
            Term = status.Term.Value,
            Leader = LeaderOf(node, status),
            Revision = view.Revision.Value,
            CompactedRevision = view.CompactedRevision.Value,
            KeyCount = view.KeyCount,
            DataBytes = view.DataBytes,
            StateHash = Hex(view.StateHash),
            ViewAppliedIndex = view.AppliedIndex.Value,
            CommitIndex = status.CommitIndex.Value,
            AppliedIndex = status.AppliedIndex.Value,
            FirstIndex = status.FirstIndex.Value,
            LastIndex = status.LastIndex.Value,
            PersistedIndex = status.PersistedIndex.Value,
            Snapshot = new SnapshotRef { Term = status.Snapshot.Term.Value, Index = status.Snapshot.Index.Value },
            PendingProposals = status.PendingProposalCount,
            Idempotency = OnceOf(view),
            ClusterVersion = status.ClusterVersion.Value,
            SupportedVersion = status.Gates.Newest.Value,
            Gates = GatesOf(status),
            Process = ProcessNow(),
            Memory = MemoryOf(node.Budget, status),
            Disk = DiskOf(node),
            Store = UseBodies.OfStore(node, view),
            Members = [.. node.Members.Select(member => MemberAnswers.Of(member, status))],
            Followers = [.. status.Followers.Select(follower => FollowerOf(node, follower))],
            AllAppliedIndex = status.AllAppliedIndex.Value,
            StalenessMs = Exchange.ToMs(point.StalenessBoundUs(now)),
            Lease = new LeaseHold { Held = holdsLease, RemainingMs = holdsLease ? (point.LeaderLeaseUntil!.Value - now) / 1000 : 0 },
            Alarms = [.. DivergedOf(node, status), .. HealedAlarms(node), .. UseBodies.Alarms(node, view)],
            Certificates = [.. (exchange.Service.Context.Options.Certificates?.Invoke() ?? []).Select(CertificateOf)],
        };
    }

    /// <summary>The leader as far as known; null when none.</summary>
    public static NodeRef? LeaderOf(INode node, EngineStatus status) => status.Leader.IsNone
        ? null
        : new NodeRef { Name = NodeNames.NameOf(node, status.Leader), Id = status.Leader.ToString() };

    /// <summary>The alarms that this node raised as leader.</summary>
    public static IEnumerable<AlarmBody> DivergedOf(INode node, EngineStatus status) => status.Alarms.Select(alarm => AlarmOf(node, alarm));

    /// <summary>An id or a hash, 16 digits.</summary>
    public static string Hex(ulong id) => id.ToString("x16", CultureInfo.InvariantCulture);

    private static IdempotencyStatus OnceOf(StoreView view)
    {
        OnceFacts once = view.Once;
        return new IdempotencyStatus
        {
            ClusterTimeMs = view.ClusterTimeMs,
            WindowFloorMs = once.Limits.FloorMs,
            WindowMs = once.Limits.WindowMs,
            Keys = once.Keys,
            KeyBytes = once.KeyBytes,
            SharedKeyBytes = once.SharedKeyBytes,
            SharedKeyBytesMax = once.Limits.SharedBytes,
            Owners = once.Owners,
            OwnersMax = once.Limits.MaxOwners,
            OwnerKeyBytesMax = once.Limits.OwnerBytes,
            ClientSessions = once.Sessions,
            ClientSessionsMax = once.Limits.MaxSessions,
            ClientSessionAnswers = once.SessionAnswers,
            ClientSessionBytes = once.SessionTableBytes,
            ClientSessionBytesMax = once.Limits.SessionTableBytes,
        };
    }

    // Which rules the cluster runs, and what would come when every node ran this build.
    private static IReadOnlyList<GateBody> GatesOf(EngineStatus status) =>
    [
        .. status.Gates.Gates.Select(gate => new GateBody
        {
            Number = gate.Number,
            Name = gate.Name,
            Since = gate.Since.Value,
            On = status.ClusterVersion >= gate.Since,
            Meaning = gate.Meaning,
        }),
    ];

    // What an operator asks first when a node is slow: is it memory, and does the collector stop it?
    private static ProcessBody ProcessNow() => new()
    {
        WorkingSetBytes = Environment.WorkingSet,
        HeapBytes = GC.GetTotalMemory(forceFullCollection: false),
        GcPauseMs = (long)GC.GetTotalPauseDuration().TotalMilliseconds,
        GcCounts = [.. Enumerable.Range(0, GC.MaxGeneration + 1).Select(static generation => (long)GC.CollectionCount(generation))],
    };

    private static MemoryBody MemoryOf(MemoryBudget budget, EngineStatus status) => new()
    {
        BudgetBytes = budget.TotalBytes,
        LogBytes = status.LogBytes,
        ProposalBytes = status.PendingProposalBytes,
        Shares = new OrderedDictionary<string, long>(budget.Shares.Select(static share => KeyValuePair.Create(share.Name, share.Bytes))),
    };

    private static DiskBody DiskOf(INode node)
    {
        DiskUse disk = node.Disk;
        return new DiskBody
        {
            UsedBytes = disk.UsedBytes,
            BoundBytes = node.Budget.DirectoryBytes,
            FreeBytes = disk.FreeBytes,
            ReserveBytes = disk.ReserveBytes,
            Low = disk.IsLow,
        };
    }

    private static FollowerBody FollowerOf(INode node, FollowerProgress follower) => new()
    {
        Name = NodeNames.NameOf(node, follower.Node),
        Id = follower.Node.ToString(),
        State = follower.State,
        MatchIndex = follower.MatchIndex.Value,
        NextIndex = follower.NextIndex.Value,
        Inflight = follower.InflightCount,
        SilentTicks = follower.SilentTicks,
        AppliedIndex = follower.AppliedIndex.Value,
        LagEntries = follower.LagEntries,
        LastSeenMs = follower.LastSeenMs,
        LagMs = follower.LagMs,
    };

    // Raised until the damaged data, which somebody may want to look at, is deleted or taken elsewhere.
    private static IEnumerable<AlarmBody> HealedAlarms(INode node) => node.Disk.KeptDamaged is not { } kept ? []
        : [new AlarmBody { Kind = AlarmKinds.Healed, Node = node.Identity.Name, Kept = kept }];

    private static AlarmBody AlarmOf(INode node, DivergedNode alarm) => new()
    {
        Kind = AlarmKinds.StateDiffers,
        Node = NodeNames.NameOf(node, alarm.Node),
        Index = alarm.Index.Value,
        LeaderHash = Hex(alarm.LeaderHash),
        NodeHash = Hex(alarm.NodeHash),
    };

    private static CertificateBody CertificateOf(CertificateFact fact) => new()
    {
        Port = fact.Use,
        Kind = fact.Kind,
        Subject = fact.Subject,
        Until = fact.Until.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
        EndsSoon = fact.EndsSoon(TimeProvider.System.GetUtcNow()),
    };

    /// <summary>The contract's word for a phase.</summary>
    public static string PhaseName(NodePhase phase) => phase switch
    {
        NodePhase.Starting => NodePhases.Starting,
        NodePhase.Ready => NodePhases.Ready,
        NodePhase.Draining => NodePhases.Draining,
        NodePhase.Failed => NodePhases.Failed,
        _ => Check.Unreachable<string>(phase),
    };
}
