using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using RaftKv.Core;

namespace RaftKv.Engine.DotNext;

/// <summary>A member of the cluster, as DotNext addresses it.</summary>
/// <param name="Id">The instance: the data directory.</param>
/// <param name="Name">Its name, which a certificate of its must hold.</param>
/// <param name="Url">
/// Its address in the cluster list, with http whatever is spoken; by it DotNext names the member, so it is the same on every node.
/// </param>
/// <param name="Route">Where it is dialled; the same unless a route says otherwise.</param>
public sealed record DotNextMember(NodeId Id, string Name, Uri Url, Uri Route);

/// <summary>What a <see cref="DotNextGuide"/> is put together from.</summary>
public sealed record DotNextParts
{
    /// <summary>Who the node is.</summary>
    public required NodeIdentity Self { get; init; }

    /// <summary>All members, this one among them: those that founded the cluster, for good.</summary>
    public required IReadOnlyList<DotNextMember> Members { get; init; }

    /// <summary>Adds the peer port to what Kestrel listens at, under TLS or not; what is inside is the second argument's.</summary>
    public required Action<KestrelServerOptions, Action<ListenOptions>> Listen { get; init; }

    /// <summary>Takes a connection of a RaftKv peer, which speaks in frames on the same port; null to close it.</summary>
    public ConnectionDelegate? Frames { get; init; }

    /// <summary>Dials a member, and makes sure of who it is where that is asked for.</summary>
    public required Func<DotNextMember, CancellationToken, Task<Stream>> Dial { get; init; }

    /// <summary>Whether who is at the other end of a connection has proven to be that member; null for no proof.</summary>
    public Func<IFeatureCollection, string, bool>? IsProven { get; init; }

    /// <summary>A directory that DotNext's own log may make its files in; nothing is ever kept there.</summary>
    public required string ScratchDirectory { get; init; }

    /// <summary>Milliseconds between heartbeats, about.</summary>
    public required int HeartbeatMs { get; init; }

    /// <summary>Milliseconds without a leader before an election; each wait is drawn from one to two times this.</summary>
    public required int ElectionTimeoutMs { get; init; }

    /// <summary>Where DotNext logs.</summary>
    public required ILoggerFactory Loggers { get; init; }

    /// <summary>Tests cut members off by it; null for everyone.</summary>
    public Func<NodeId, bool>? IsReachable { get; init; }
}
