using Microsoft.Extensions.Logging;
using RaftKv.Core;

namespace RaftKv.Diagnostics;

/// <summary>
/// Every sentence that the server logs, with its event id: 1xxx raft and peers, 2xxx log and disk, 3xxx api. Ids are
/// stable: docs/operations.md lists them.
/// Nothing here is on the path of a single request or entry.
/// </summary>
internal static partial class Log
{
    private const string DivergedText =
        "Node {Node} holds another state than this leader after entry {Index}: {NodeHash:x16} there, {LeaderHash:x16} here. "
        + "One of the two is wrong: compare their data, then replace the wrong one";

    [LoggerMessage(1001, LogLevel.Information, "Node {Name} is starting: cluster {ClusterId:x16}, id {NodeId}, data in {DataDirectory}")]
    public static partial void NodeStarting(ILogger logger, string name, ulong clusterId, Core.NodeId nodeId, string dataDirectory);

    [LoggerMessage(1002, LogLevel.Information, "Node {Name} is ready")]
    public static partial void NodeReady(ILogger logger, string name);

    [LoggerMessage(1003, LogLevel.Information, "Role is {Role} in term {Term}; the leader is {Leader}")]
    public static partial void RoleChanged(ILogger logger, Role role, long term, string leader);

    [LoggerMessage(1004, LogLevel.Warning, "The process stood still: {ForgottenMs} ms of logical time are skipped, so that it starts no election for that")]
    public static partial void LoopPaused(ILogger logger, long forgottenMs);

    [LoggerMessage(1005, LogLevel.Information, "Draining: not ready any more, handing leadership over")]
    public static partial void Draining(ILogger logger);

    [LoggerMessage(1006, LogLevel.Information, "Stopped")]
    public static partial void Stopped(ILogger logger);

    [LoggerMessage(1007, LogLevel.Critical, "The node stops: {Kind} failure on the {Thread} thread: {Reason}")]
    public static partial void NodeFailed(ILogger logger, string kind, string thread, string reason, Exception exception);

    [LoggerMessage(1008, LogLevel.Critical, DivergedText)]
    public static partial void StateDiverged(ILogger logger, string node, long index, ulong leaderHash, ulong nodeHash);

    [LoggerMessage(1010, LogLevel.Information, "Connected to peer {Peer} at {Address}")]
    public static partial void PeerConnected(ILogger logger, string peer, string address);

    [LoggerMessage(1011, LogLevel.Information, "Connection to peer {Peer} is lost: {Reason}")]
    public static partial void PeerLost(ILogger logger, string peer, string reason);

    [LoggerMessage(1012, LogLevel.Warning, "Can't reach peer {Peer} at {Address}: {Reason}")]
    public static partial void PeerUnreachable(ILogger logger, string peer, string address, string reason);

    [LoggerMessage(1013, LogLevel.Error, "Peer {Peer} at {Address} refuses this node: {Reason}")]
    public static partial void RefusedByPeer(ILogger logger, string peer, string address, string reason);

    [LoggerMessage(1014, LogLevel.Warning, "Refused a peer connection from {Address}: {Reason}")]
    public static partial void PeerRefused(ILogger logger, string address, string reason);

    [LoggerMessage(1015, LogLevel.Warning, "Closed the peer connection from {Peer}: {Reason}")]
    public static partial void PeerMisbehaved(ILogger logger, string peer, string reason);

    [LoggerMessage(1016, LogLevel.Warning, "{Count} messages to peer {Peer} were dropped: its queue is full")]
    public static partial void PeerQueueFull(ILogger logger, long count, string peer);

    [LoggerMessage(1017, LogLevel.Information, "Memory budget: {Budget} ({Reason}); store {Store}, log {LogShare}")]
    public static partial void MemoryPlanned(ILogger logger, string budget, string reason, string store, string logShare);

    [LoggerMessage(1018, LogLevel.Information, "Quiet after a burst: resident memory was {Before}, is {After}")]
    public static partial void MemoryReturned(ILogger logger, string before, string after);

    [LoggerMessage(1019, LogLevel.Warning, "--cluster is ignored: {ClusterId:x16} was founded with {Founded}; given was {Given}")]
    public static partial void ListIgnored(ILogger logger, string given, ulong clusterId, string founded);

    [LoggerMessage(1020, LogLevel.Information, "The cluster is not founded yet: waiting for {Name}")]
    public static partial void FoundingWaits(ILogger logger, string name);

    [LoggerMessage(1021, LogLevel.Information, "The cluster is founded: {ClusterId:x16} by {Names}")]
    public static partial void Founded(ILogger logger, ulong clusterId, string names);

    [LoggerMessage(1022, LogLevel.Warning, "At {Address} should be {Expected}, and it is {Found}; check the --cluster list")]
    public static partial void FoundingStranger(ILogger logger, string address, string expected, string found);

    [LoggerMessage(1024, LogLevel.Information, "No address of a node at {Seed} yet: {Problem}")]
    public static partial void SeedUnknown(ILogger logger, string seed, string problem);

    [LoggerMessage(1025, LogLevel.Warning, "The members do not take the zone, priority or address of {Name}: {Problem}")]
    public static partial void SeatNotTold(ILogger logger, string name, string problem);

    [LoggerMessage(1023, LogLevel.Information, "Not a member yet; asking at {Join}: {Problem}")]
    public static partial void JoinWaits(ILogger logger, string join, string problem);

    [LoggerMessage(1029, LogLevel.Information, "{Reason}")]
    public static partial void NodeRemoved(ILogger logger, string reason);

    [LoggerMessage(1030, LogLevel.Critical, "{Damage} {Node} goes on with none of it, and asks the others for a new place")]
    public static partial void Damaged(ILogger logger, string damage, string node);

    [LoggerMessage(1031, LogLevel.Warning, "Damaged, and no new place yet: {Answers}")]
    public static partial void HealWaits(ILogger logger, string answers);

    [LoggerMessage(1032, LogLevel.Critical, "{Node} ({Old}) was damaged and comes back as {Anew}; the damaged data is kept in {Kept}")]
    public static partial void Healed(ILogger logger, string node, NodeId old, NodeId anew, string kept);

    [LoggerMessage(1033, LogLevel.Warning, "Deleting {Kept}, the oldest of the damaged data that is kept")]
    public static partial void KeptForgotten(ILogger logger, string kept);

    [LoggerMessage(1034, LogLevel.Warning, "Others than its owner may enter {Directory}, where all data lies; chmod 700 keeps them out")]
    public static partial void DirectoryIsOpen(ILogger logger, string directory);

    [LoggerMessage(2001, LogLevel.Information, "Recovered: snapshot at {SnapshotIndex}, {EntryCount} log entries after it, in {ElapsedMs} ms")]
    public static partial void Recovered(ILogger logger, long snapshotIndex, int entryCount, long elapsedMs);

    [LoggerMessage(2002, LogLevel.Warning, "An incoming snapshot is refused, and asked for again: {Reason}")]
    public static partial void SnapshotRefused(ILogger logger, string reason);

    [LoggerMessage(3001, LogLevel.Information, "Clients are served at {Urls}, peers at {PeerUrl}")]
    public static partial void Listening(ILogger logger, string urls, string peerUrl);
}
