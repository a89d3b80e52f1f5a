using System.Reflection;
using Google.Protobuf;
using RaftKv.Core;
using RaftKv.Core.Identity;
using RaftKv.Engine;
using RaftKv.Node;
using RaftKv.Protocol.Peer;
using MemberAnswer = RaftKv.Node.MemberAnswer;
using MemberQuestion = RaftKv.Node.MemberQuestion;

namespace RaftKv.Transport;

/// <summary>
/// The first frame in either direction: who is there. A mismatch is refused with a sentence for the other side's log,
/// since it is always a mistake of configuration: a wrong address, another cluster, swapped names.
/// </summary>
internal sealed class PeerHandshake(
    NodeIdentity self, string clientUrl, string peerUrl, PeerBook peers, DirectoryStanding? standing = null)
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
        StartNumber = (ulong)(standing?.Life.Number ?? 0),
        StartNonce = standing?.Life.Nonce ?? 0,
        PeerUrl = peerUrl,
    });

    /// <summary>The answer to who asks to join.</summary>
    public static byte[] JoinAnswer(JoinReply answer) => Frame(new HelloReply
    {
        ProtocolVersion = ProtocolVersion,
        SoftwareVersion = SoftwareVersion,
        Join = answer,
    });

    /// <summary>A question about the members.</summary>
    public byte[] AskMembers(MemberQuestion question, TimeSpan patience) => Frame(new Hello
    {
        ProtocolVersion = ProtocolVersion,
        ClusterId = self.ClusterId,
        FromNodeId = self.Id.Value,
        FromName = self.Name,
        SoftwareVersion = SoftwareVersion,
        Members = MemberWire.ToWire(question, patience),
    });

    /// <summary>The answer to it.</summary>
    public byte[] MembersAnswer(MemberAnswer answer) => Frame(new HelloReply
    {
        ProtocolVersion = ProtocolVersion,
        ClusterId = self.ClusterId,
        SoftwareVersion = SoftwareVersion,
        Members = MemberWire.ToWire(answer),
    });

    /// <summary>The answer to who only asks for this directory's word.</summary>
    public byte[] WordReply() => FoundingWire.Reply(standing?.Word);

    /// <summary>The answer; an empty refusal means welcome.</summary>
    /// <param name="isFinal">The refusal is for a copy of the peer's directory.</param>
    public byte[] Reply(string refusal, bool isFinal = false, bool isRemoved = false) => Frame(new HelloReply
    {
        ProtocolVersion = ProtocolVersion,
        ClusterId = self.ClusterId,
        NodeId = self.Id.Value,
        Name = self.Name,
        SoftwareVersion = SoftwareVersion,
        Refusal = refusal,
        ClientUrl = clientUrl,
        StartNumber = (ulong)(standing?.Life.Number ?? 0),
        StartNonce = standing?.Life.Nonce ?? 0,
        IsFinal = isFinal,
        IsRemoved = isRemoved,
    });

    /// <summary>Judges a hello: the peer, or the sentence that refuses it.</summary>
    /// <param name="isFinal">True when it is refused as a copy.</param>
    public PeerAddress? Accept(Hello hello, out string refusal, out bool isFinal)
    {
        PeerAddress? peer = AcceptIds(hello, out refusal);
        isFinal = peer is null && hello.ClusterId == self.ClusterId && peers.WasRemoved(new NodeId(hello.FromNodeId));
        if (peer is not null && CopyOf(peer, hello.StartNumber, hello.StartNonce) is { } sentence)
        {
            refusal = sentence;
            isFinal = true;
            return null;
        }

        return peer;
    }

    private PeerAddress? AcceptIds(Hello hello, out string refusal)
    {
        if (hello.ProtocolVersion != ProtocolVersion)
        {
            refusal = $"Node {self.Name} speaks peer protocol {ProtocolVersion}, not {hello.ProtocolVersion}; run versions that share one.";
            return null;
        }

        var from = new NodeId(hello.FromNodeId);
        var claim = new DialClaim(hello.ClusterId, from, new NodeId(hello.ToNodeId));
        DialVerdict verdict = DialRules.Judge(self.ClusterId, self.Id, claim, peers.WasRemoved(from));
        if (verdict != DialVerdict.Welcome)
        {
            refusal = RefusalOf(verdict, hello);
            return null;
        }

        refusal = "";
        if (peers.Find(from) is { } peer)
        {
            return peer;
        }

        if (PeerAddress.Parse(hello.FromName, from, hello.PeerUrl) is { } newcomer)
        {
            // A member that this node has not heard of yet, or a leader that it must answer.
            peers.Add(newcomer);
            return newcomer;
        }

        refusal = $"Node {hello.FromNodeId:x16} is no member of the cluster of node {self.Name}.";
        return null;
    }

    private string RefusalOf(DialVerdict verdict, Hello hello) => verdict switch
    {
        DialVerdict.OtherCluster => $"Node {self.Name} belongs to cluster {self.ClusterId:x16}, not {hello.ClusterId:x16}; "
            + "its address is in another cluster's list, or its data directory is.",
        DialVerdict.OtherNode =>
            $"This is node {self.Name} ({self.Id}), not {new NodeId(hello.ToNodeId)}; check the addresses of the members.",
        DialVerdict.Itself => $"Node {self.Name} ({self.Id}) runs here: whoever dials as it has a copy of its data directory.",
        DialVerdict.Removed =>
            $"Node {hello.FromName} ({hello.FromNodeId:x16}) was removed from the cluster. To bring it back, join with an empty"
            + " data directory.",
        _ => Core.Check.Unreachable<string>(verdict),
    };

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

        return reply.NodeId != peer.Id.Value
            ? $"It is node {reply.Name} ({reply.NodeId:x16}), not {peer.Name} ({peer.Id})."
            : CopyOf(peer, reply.StartNumber, reply.StartNonce);
    }

    // Null, or the sentence for a copy of the peer's directory. A newer start is durable here before it is welcome.
    private string? CopyOf(PeerAddress peer, ulong number, ulong nonce)
    {
        if (standing is null)
        {
            return null;
        }

        var said = new Life((long)Math.Min(number, long.MaxValue), nonce);
        (LifeVerdict verdict, Life known) = standing.Lives.Meet(peer.Id, said);
        return verdict switch
        {
            LifeVerdict.Twin =>
                $"The data directory of {peer.Name} ({peer.Id}) is there twice: its start {said.Number} was made by two processes, each"
                + " with a copy. Only one may go on: stop this one, and replace the member if nobody knows which copy is the newer.",
            LifeVerdict.Older =>
                $"The data directory of {peer.Name} ({peer.Id}) is a copy, or was put back: this is its start {said.Number}, and node"
                + $" {self.Name} has seen start {known.Number}. What it acknowledged since is not in it: replace the member.",
            _ => null,
        };
    }

    private static byte[] Frame(IMessage message)
    {
        var frame = new byte[PeerFrame.HeaderBytes + message.CalculateSize()];
        message.WriteTo(frame.AsSpan(PeerFrame.HeaderBytes));
        PeerFrame.Seal(frame);
        return frame;
    }
}
