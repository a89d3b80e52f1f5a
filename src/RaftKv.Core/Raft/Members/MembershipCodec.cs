using System.Text;
using RaftKv.Core.Messages;

namespace RaftKv.Core.Raft.Members;

/// <summary>
/// A membership as bytes: the payload of its entry in the log.
/// <code>
/// offset 0  u8     version (2)
///        1  nodes  voters, outgoing voters, learners: each u32 count and ascending u64 ids
///        …  bytes  details: u32 length, i64 generation, u32 count and u64 ids of the removed as they went, then per
///                  member u64 id, u8 flags (1 joining, 2 pending, 4 leaving, 8 placed), u64 replaces, u64 bound to,
///                  bytes name, bytes peer url, and of one that is placed bytes zone, u8 priority
/// </code>
/// </summary>
public static class MembershipCodec
{
    private const byte Version = 2;
    private const byte Joining = 1;
    private const byte Pending = 2;
    private const byte Leaving = 4;
    private const byte Placed = 8;

    // Far above what MaxMembers members need.
    private const int MaxBytes = 64 * 1024;

    /// <summary>The bytes of a membership.</summary>
    public static byte[] Encode(Membership membership)
    {
        byte[] details = EncodeDetails(membership);
        int ids = membership.Voters.Count + membership.OutgoingVoters.Count + membership.Learners.Count;
        var bytes = new byte[1 + (4 * sizeof(uint)) + (ids * sizeof(ulong)) + details.Length];
        var writer = new MessageWriter(bytes);
        writer.Byte(Version);
        writer.Nodes(membership.Voters);
        writer.Nodes(membership.OutgoingVoters);
        writer.Nodes(membership.Learners);
        writer.Bytes(details);
        Check.That(writer.Count == bytes.Length, "the size was computed right", writer.Count, bytes.Length);
        return bytes;
    }

    /// <summary>The membership; null when the bytes are none.</summary>
    public static Membership? Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new MessageReader(bytes);
        byte version = reader.Byte();
        NodeId[]? voters = reader.Nodes();
        NodeId[]? outgoing = reader.Nodes();
        NodeId[]? learners = reader.Nodes();
        byte[]? details = reader.Bytes();
        if (version != Version || !reader.IsExhausted || voters is null or [] || outgoing is null || learners is null || details is null)
        {
            return null;
        }

        return Make(voters, outgoing, learners, details);
    }

    /// <summary>
    /// Puts together what a format holds apart; null when the details are none, or speak of strangers. What is made
    /// encodes to the same bytes.
    /// </summary>
    public static Membership? Make(NodeId[] voters, NodeId[] outgoing, NodeId[] learners, ReadOnlySpan<byte> details)
    {
        if (DecodeDetails(details, out long generation, out NodeId[] removed) is not { } members
            || !AreRemovedSound(removed, voters, outgoing, learners))
        {
            return null;
        }

        var made = new Membership(voters, outgoing, learners, members, generation, removed);
        return EncodeDetails(made).AsSpan().SequenceEqual(details) ? made : null;
    }

    /// <summary>All but the ids, for formats that write those themselves.</summary>
    public static byte[] EncodeDetails(Membership membership)
    {
        IReadOnlyList<Member> details = membership.Details;
        int length = sizeof(long) + sizeof(uint) + (membership.Removed.Count * sizeof(ulong));
        foreach (Member detail in details)
        {
            length += 1 + (3 * sizeof(ulong)) + (2 * sizeof(uint)) + Encoding.UTF8.GetByteCount(detail.Name)
                + Encoding.UTF8.GetByteCount(detail.PeerUrl)
                + (IsPlaced(detail) ? sizeof(uint) + Encoding.UTF8.GetByteCount(detail.Zone) + 1 : 0);
        }

        var bytes = new byte[length];
        var writer = new MessageWriter(bytes);
        writer.Int64(membership.Generation);
        writer.Nodes(membership.Removed);
        foreach (Member detail in details)
        {
            writer.UInt64(detail.Id.Value);
            writer.Byte(FlagsOf(detail));
            writer.UInt64(detail.Replaces.Value);
            writer.UInt64(detail.BoundTo.Value);
            writer.Bytes(Encoding.UTF8.GetBytes(detail.Name));
            writer.Bytes(Encoding.UTF8.GetBytes(detail.PeerUrl));
            if (IsPlaced(detail))
            {
                writer.Bytes(Encoding.UTF8.GetBytes(detail.Zone));
                writer.Byte(detail.Priority);
            }
        }

        return bytes;
    }

    private static byte FlagsOf(Member member) => (byte)((member.IsJoining ? Joining : 0) | (member.IsPending ? Pending : 0)
        | (member.IsLeaving ? Leaving : 0) | (IsPlaced(member) ? Placed : 0));

    private static bool IsPlaced(Member member) => member.Zone.Length > 0 || member.Priority > 0;

    private static bool AreRemovedSound(NodeId[] removed, NodeId[] voters, NodeId[] outgoing, NodeId[] learners)
    {
        var named = new SortedSet<NodeId>(voters.Concat(outgoing).Concat(learners));
        return removed.Length <= Membership.MaxRemoved && Array.TrueForAll(removed, node => !node.IsNone && named.Add(node));
    }

    private static List<Member>? DecodeDetails(ReadOnlySpan<byte> bytes, out long generation, out NodeId[] removed)
    {
        var members = new List<Member>();
        var reader = new MessageReader(bytes);
        generation = reader.Natural();
        removed = reader.NodesInAnyOrder();
        if (bytes.Length > MaxBytes || reader.IsBad)
        {
            return null;
        }

        while (!reader.IsExhausted)
        {
            var id = new NodeId(reader.UInt64());
            byte flags = reader.Byte();
            var replaces = new NodeId(reader.UInt64());
            var boundTo = new NodeId(reader.UInt64());
            byte[]? name = reader.Bytes();
            byte[]? url = reader.Bytes();
            byte[]? zone = (flags & Placed) != 0 ? reader.Bytes() : [];
            byte priority = (flags & Placed) != 0 ? reader.Byte() : (byte)0;
            bool isNext = members.Count == 0 || id.CompareTo(members[^1].Id) > 0;
            if (name is null || url is null || name.Length > Member.MaxNameBytes || url.Length > Member.MaxUrlBytes || !isNext
                || zone is null || zone.Length > Member.MaxZoneBytes || priority > Member.MaxPriority)
            {
                return null;
            }

            members.Add(new Member(id, Encoding.UTF8.GetString(name), Encoding.UTF8.GetString(url))
            {
                IsJoining = (flags & Joining) != 0,
                IsPending = (flags & Pending) != 0,
                IsLeaving = (flags & Leaving) != 0,
                Replaces = replaces,
                BoundTo = boundTo,
                Zone = Encoding.UTF8.GetString(zone),
                Priority = priority,
            });
        }

        return members;
    }
}
