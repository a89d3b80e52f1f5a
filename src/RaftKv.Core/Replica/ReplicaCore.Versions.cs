using RaftKv.Core.Raft.Log;
using RaftKv.Core.Raft.Roles;
using RaftKv.Core.Replica.Proposals;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Gates;

namespace RaftKv.Core.Replica;

/// <remarks>
/// The cluster's version. The first entry of every log is a no-op that says in which version the cluster begins: that of
/// its first leader's build. From then on the leader raises it once every member has said, in this term, that it supports a
/// newer one; a learner too, for the raise would stop it. Nothing is proposed before the version that allows it is applied.
/// </remarks>
public sealed partial class ReplicaCore
{
    private (Term Term, ClusterVersion Version) _proposedVersion;

    private static ClusterVersion NeededBy(ReadOnlyMemory<byte> envelope) =>
        CommandNeeds.ToPropose(envelope.Span[CommandEnvelope.HeaderBytes..]);

    /// <summary>
    /// True when the command may be in the log behind what is there: its version is applied, or is that of the log's
    /// first entry.
    /// </summary>
    private bool IsAllowed(ReadOnlyMemory<byte> envelope)
    {
        ClusterVersion needed = NeededBy(envelope);
        return needed <= _store.ClusterVersion || needed <= FoundingVersion();
    }

    private ClusterVersion FoundingVersion()
    {
        RaftLog log = Raft.Log;
        bool hasFirst = log.Start == EntryId.Zero && log.Count > 0;
        return hasFirst && log.EntryAt(log.FirstIndex) is { Kind: EntryKind.Noop } first
            ? Founding.VersionIn(first.Payload.Span)
            : ClusterVersion.None;
    }

    private void ProposeVersion()
    {
        if (Raft.State is not LeaderState leader || !Raft.HasCommittedInTerm || _store.ClusterVersion >= _store.Gates.Newest)
        {
            return;
        }

        ClusterVersion version = SupportedByAll(leader);
        (Term, ClusterVersion) proposed = (Raft.CurrentTerm, version);
        if (version > _store.ClusterVersion && proposed != _proposedVersion && TryProposeOwn(new SetClusterVersionCommand(version)))
        {
            _proposedVersion = proposed;
        }
    }

    /// <summary>The newest version that this node and every member supports; none while one has not said.</summary>
    private ClusterVersion SupportedByAll(LeaderState leader)
    {
        ClusterVersion lowest = _store.Gates.Newest;
        for (int i = 0; i < leader.Followers.Count; i++)
        {
            ClusterVersion supported = leader.Followers[i].Supported;
            lowest = supported < lowest ? supported : lowest;
        }

        return lowest;
    }
}
