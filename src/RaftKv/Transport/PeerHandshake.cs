using System.Reflection;
using Google.Protobuf;
using RaftKv.Core;
using RaftKv.Engine;
using RaftKv.Node;
using RaftKv.Protocol.Peer;

namespace RaftKv.Transport;

/// <summary>
/// The first frame in either direction: who is there. A mismatch is refused with a sentence for the other side's log,
/// since it is always a mistake of configuration: a wrong address, another cluster, swapped names.
/// </summary>
internal sealed class PeerHandshake(NodeIdentity self, string clientUrl, IReadOnlyList<PeerAddress> peers)
{
    /// <summary>Version of framing and messages. There is one.</summary>
    public const uint ProtocolVersion = 1;

    /// <summary>What this build calls itself.</summary>
    public static string SoftwareVersion { get; } =
        typeof(PeerHandshake).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "unknown";

    /// <summary>The first frame of the side that dials.</summary>
    public byte[] HelloTo(NodeId peer) => Frame(new Hello
    {
        ProtocolVersion = ProtocolVersion,
        ClusterId = self.ClusterId,
        FromNodeId = self.Id.Value,
        FromName = self.Name,
        ToNodeId = peer.Value,
        SoftwareVersion = SoftwareVersion,
        ClientUrl = clientUrl,
    });

    /// <summary>The answer; an empty refusal means welcome.</summary>
    public byte[] Reply(string refusal) => Frame(new HelloReply
    {
        ProtocolVersion = ProtocolVersion,
        ClusterId = self.ClusterId,
        NodeId = self.Id.Value,
        Name = self.Name,
        SoftwareVersion = SoftwareVersion,
        Refusal = refusal,
        ClientUrl = clientUrl,
    });

    /// <summary>Judges a hello: the peer, or the sentence that refuses it.</summary>
    public PeerAddress? Accept(Hello hello, out string refusal)
    {
        refusal = "";
        if (hello.ProtocolVersion != ProtocolVersion)
        {
            refusal = $"Node {self.Name} speaks peer protocol {ProtocolVersion}, not {hello.ProtocolVersion}; run versions that share one.";
        }
        else if (hello.ClusterId != self.ClusterId)
        {
            refusal = $"Node {self.Name} belongs to cluster {self.ClusterId:x16}, not {hello.ClusterId:x16}; "
                + "every node needs the same --cluster list.";
        }
        else if (hello.ToNodeId != self.Id.Value)
        {
            refusal = $"This is node {self.Name} ({self.Id}), not {new NodeId(hello.ToNodeId)}; check the addresses in the --cluster list.";
        }
        else if (Find(new NodeId(hello.FromNodeId)) is { } peer)
        {
            return peer;
        }
        else
        {
            refusal = $"Node {hello.FromNodeId:x16} is not in the --cluster list of node {self.Name}.";
        }

        return null;
    }

    /// <summary>Judges a reply; null when all is well, else the sentence for the log.</summary>
    public string? Check(HelloReply reply, PeerAddress peer)
    {
        if (reply.Refusal.Length > 0)
        {
            return reply.Refusal;
        }

        if (reply.ProtocolVersion != ProtocolVersion)
        {
            return $"It speaks peer protocol {reply.ProtocolVersion}; this node speaks {ProtocolVersion}.";
        }

        if (reply.ClusterId != self.ClusterId)
        {
            return $"It belongs to cluster {reply.ClusterId:x16}; this node belongs to {self.ClusterId:x16}.";
        }

        return reply.NodeId == peer.Id.Value ? null : $"It is node {reply.Name} ({reply.NodeId:x16}), not {peer.Name} ({peer.Id}).";
    }

    private static byte[] Frame(IMessage message)
    {
        var frame = new byte[PeerFrame.HeaderBytes + message.CalculateSize()];
        message.WriteTo(frame.AsSpan(PeerFrame.HeaderBytes));
        PeerFrame.Seal(frame);
        return frame;
    }

    private PeerAddress? Find(NodeId node)
    {
        foreach (PeerAddress peer in peers)
        {
            if (peer.Id == node)
            {
                return peer;
            }
        }

        return null;
    }
}
