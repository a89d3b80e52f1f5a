using RaftKv.Core.Disk.Snapshots;
using RaftKv.Core.Raft.Members;
using RaftKv.Core.Store;
using RaftKv.Engine;

namespace RaftKv.Backups;

/// <summary>A backup of a node's view, as the bytes of its file. Any thread; the node goes on meanwhile.</summary>
internal static class BackupFrames
{
    /// <summary>The bytes; each piece is valid until the next one is asked for.</summary>
    public static IEnumerable<ReadOnlyMemory<byte>> Of(IEngine node, StoreView view)
    {
        EngineMembership now = node.Status.Membership;
        IEnumerable<Member> details = node.Members
            .Where(member => now.IsMember(member.Id))
            .Select(static member => new Member(member.Id, member.Name, member.PeerUrl));
        return BackupFile.FramesOf(
            node.Identity.ClusterId, view, new Membership(now.Voters, now.OutgoingVoters, now.Learners, details));
    }
}
