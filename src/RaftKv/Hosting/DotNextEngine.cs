using RaftKv.Core.Raft.Members;
using RaftKv.Engine;
using RaftKv.Engine.DotNext;
using RaftKv.Security.Tls;
using RaftKv.Transport;
using RaftKv.Transport.Connections;

namespace RaftKv.Hosting;

/// <summary>Puts DotNext's Raft together for a server, where the options ask for it.</summary>
internal static class DotNextEngine
{
    /// <summary>The guide; null where our own Raft decides.</summary>
    public static DotNextGuide? MakeGuide(
        NodeOptions options, NodeIdentity identity, Membership founding, PeerTransport transport, ConnectionRoom peers, NodeStorage storage,
        NodeTls tls, ILoggerFactory loggers)
    {
        if (options.Engine != EngineNames.DotNext)
        {
            return null;
        }

        var frames = new PeerConnectionHandler(transport);
        return new DotNextGuide(new DotNextParts
        {
            Self = identity,
            Members = [.. founding.Members().Select(id => MemberOf(options, founding.DetailOf(id)))],
            Listen = (kestrel, configure) => kestrel.Listen(options.EffectivePeerUrl, listen =>
            {
                listen.Use(next => connection => peers.ServeAsync(connection, next));
                tls.SecurePeers(listen);
                configure(listen);
            }),
            Frames = frames.OnConnectedAsync,
            Dial = (member, token) => tls.Dialer.OpenAsync(AddressOf(member), token),
            IsProven = (features, name) => MemberProof.ProblemOf(features, tls.Dialer.IsProofRequired, name) is null,
            ScratchDirectory = storage.ScratchPath,
            HeartbeatMs = options.HeartbeatMs,
            ElectionTimeoutMs = options.ElectionTimeoutMs,
            Loggers = loggers,
        });
    }

    private static DotNextMember MemberOf(NodeOptions options, Member member)
    {
        var url = new Uri(member.PeerUrl);
        string? route = options.PeerRoutes.FirstOrDefault(route => route.Name == member.Name)?.Url.ToString();
        return new DotNextMember(
            member.Id, member.Name, new UriBuilder(url) { Scheme = Uri.UriSchemeHttp }.Uri, route is null ? url : new Uri(route));
    }

    private static PeerAddress AddressOf(DotNextMember member) =>
        new(member.Name, member.Id, member.Route.IdnHost.Trim('[', ']'), member.Route.Port);
}
