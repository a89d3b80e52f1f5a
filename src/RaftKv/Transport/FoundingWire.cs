using Google.Protobuf;
using RaftKv.Core;
using RaftKv.Core.Identity;
using RaftKv.Core.Raft.Members;
using RaftKv.Protocol.Peer;
using FoundingSeat = RaftKv.Core.Identity.FoundingSeat;
using FoundingWord = RaftKv.Core.Identity.FoundingWord;

namespace RaftKv.Transport;

/// <summary>The words of a founding as frames of the peers' port: one question, one answer, a connection each.</summary>
internal static class FoundingWire
{
    /// <summary>The question, with its own word in it.</summary>
    /// <param name="known">Addresses of further directories, for one that knows fewer.</param>
    public static byte[] Ask(FoundingWord own, IReadOnlyCollection<string>? known = null) => Sealed(new Hello
    {
        ProtocolVersion = PeerHandshake.ProtocolVersion,
        SoftwareVersion = PeerHandshake.SoftwareVersion,
        FromName = own.Name,
        Founding = ToWire(own, known),
    });

    /// <summary>The question for a place in a running cluster.</summary>
    public static byte[] AskToJoin(JoinRequest request) => Sealed(new Hello
    {
        ProtocolVersion = PeerHandshake.ProtocolVersion,
        SoftwareVersion = PeerHandshake.SoftwareVersion,
        FromName = request.Name,
        Join = request,
    });

    /// <summary>The answer; null from a node that has no word.</summary>
    public static byte[] Reply(FoundingWord? own, IReadOnlyCollection<string>? known = null) => Sealed(new HelloReply
    {
        ProtocolVersion = PeerHandshake.ProtocolVersion,
        SoftwareVersion = PeerHandshake.SoftwareVersion,
        Name = own?.Name ?? "",
        Founding = own is null ? null : ToWire(own, known),
    });

    /// <summary>The answer to a peer that takes this node for a member already.</summary>
    public static byte[] NotYet(FoundingWord own) => Sealed(new HelloReply
    {
        ProtocolVersion = PeerHandshake.ProtocolVersion,
        SoftwareVersion = PeerHandshake.SoftwareVersion,
        Name = own.Name,
        NodeId = own.Instance.Value,
        Refusal = $"Node {own.Name} ({own.Instance}) is in no cluster yet.",
        IsFounding = true,
    });

    /// <summary>The word in a message; null when it is none.</summary>
    public static FoundingWord? Read(Protocol.Peer.FoundingWord? word)
    {
        if (word is null || word.Name.Length == 0 || word.Instance == 0 || word.Stage > (uint)FoundingStage.Founded
            || word.Url.Length > Member.MaxUrlBytes)
        {
            return null;
        }

        FoundingSeat[] seats = SeatsOf(word.Roll);
        FoundingSeat[] offer = SeatsOf(word.Offer);
        if ((seats.Length > 0 && !FoundingRoll.IsSound(seats)) || (offer.Length > 0 && !FoundingRoll.IsSound(offer)))
        {
            return null;
        }

        var stage = (FoundingStage)word.Stage;
        FoundingRoll? roll = seats.Length == 0 ? null : new FoundingRoll(seats);
        bool isWhole = stage switch
        {
            FoundingStage.Open => roll is null,
            FoundingStage.Promised => roll is not null,
            _ => true,
        };
        return !isWhole ? null : new FoundingWord(word.Name, new NodeId(word.Instance), word.List, stage, roll)
        {
            Url = word.Url,
            Offer = offer.Length == 0 ? null : new FoundingRoll(offer),
        };
    }

    /// <summary>The seats of a message; not yet known to make a roll.</summary>
    public static FoundingSeat[] SeatsOf(IEnumerable<Protocol.Peer.FoundingSeat> seats) =>
        [.. seats.Select(static seat => new FoundingSeat(seat.Name, new NodeId(seat.Instance), seat.Url))];

    /// <summary>The seats of a roll as a message has them.</summary>
    public static IEnumerable<Protocol.Peer.FoundingSeat> ToWire(FoundingRoll? roll) => (roll?.Seats ?? []).Select(
        static seat => new Protocol.Peer.FoundingSeat { Name = seat.Name, Instance = seat.Instance.Value, Url = seat.Url });

    private static Protocol.Peer.FoundingWord ToWire(FoundingWord own, IReadOnlyCollection<string>? known)
    {
        var word = new Protocol.Peer.FoundingWord
        {
            Name = own.Name,
            Instance = own.Instance.Value,
            List = own.List,
            Stage = (uint)own.Stage,
            Url = own.Url,
        };
        word.Roll.Add(ToWire(own.Roll));
        word.Offer.Add(ToWire(own.Offer));
        word.Known.Add(known ?? []);
        return word;
    }

    private static byte[] Sealed(IMessage message)
    {
        var frame = new byte[PeerFrame.HeaderBytes + message.CalculateSize()];
        message.WriteTo(frame.AsSpan(PeerFrame.HeaderBytes));
        PeerFrame.Seal(frame);
        return frame;
    }
}
