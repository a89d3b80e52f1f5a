using System.Text;
using RaftKv.Core.Messages;
using RaftKv.Core.Raft.Log;
using RaftKv.Core.Raft.Members;
using RaftKv.Core.Raft.Messages;
using RaftKv.Core.Replica.Messages;

namespace RaftKv.Core.Tests.Raft;

/// <summary>
/// The bytes between peers: every case round-trips, the encoding is canonical, and no bytes at all make the decoder
/// throw.
/// </summary>
public sealed class MessageCodecTests
{
    private static readonly NodeId A = new(0x1111_2222_3333_4444);
    private static readonly NodeId B = new(ulong.MaxValue);

    public static TheoryData<string> Cases => [.. Samples().Select(m => m.GetType().Name).Distinct()];

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_message_survives_the_wire(string kind)
    {
        foreach (Message message in Samples().Where(m => m.GetType().Name == kind))
        {
            byte[] bytes = Encode(message);

            Assert.True(MessageCodec.TryDecode(bytes, out Message? decoded), message.ToString());
            Assert.Equal(Describe(message), Describe(decoded!));
            Assert.Equal(bytes, Encode(decoded!));
        }
    }

    [Fact]
    public void Every_case_of_the_closed_set_is_sampled()
    {
        IEnumerable<string> cases = typeof(Message).Assembly.GetTypes()
            .Where(type => type.IsSealed && type.IsSubclassOf(typeof(Message))).Select(type => type.Name);

        Assert.Equal(cases.Order(), Samples().Select(m => m.GetType().Name).Distinct().Order());
        Assert.Equal(cases.Order(), Enum.GetNames<RaftMessageKind>().Concat(Enum.GetNames<ReplicaMessageKind>()).Order());
    }

    [Fact]
    public void The_layout_of_a_heartbeat_is_fixed()
    {
        byte[] bytes = Encode(new Heartbeat(new NodeId(1), new NodeId(2), new Term(3), new LogIndex(4), ReadRound: 5)
        {
            SentAt = new MonotonicTime(6),
            AllAppliedIndex = new LogIndex(7),
            Generation = 8,
        });

        Assert.Equal(
            "0105" + "0100000000000000" + "0200000000000000" + "0300000000000000" + "0400000000000000" + "0500000000000000"
            + "0600000000000000" + "0700000000000000" + "0800000000000000",
            Convert.ToHexString(bytes));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_message_cut_short_or_with_bytes_behind_it_is_refused(string kind)
    {
        foreach (Message message in Samples().Where(m => m.GetType().Name == kind))
        {
            byte[] bytes = Encode(message);
            for (int length = 0; length < bytes.Length; length++)
            {
                Assert.False(MessageCodec.TryDecode(bytes.AsSpan(0, length), out _), $"{kind} cut at {length}");
            }

            Assert.False(MessageCodec.TryDecode([.. bytes, 0], out _));
        }
    }

    [Fact]
    public void Another_version_is_refused()
    {
        byte[] bytes = Encode(Samples()[0]);
        bytes[0] = 2;

        Assert.False(MessageCodec.TryDecode(bytes, out _));
    }

    [Fact]
    public void Random_and_damaged_bytes_are_refused_or_decode_to_a_message_with_those_very_bytes()
    {
        const ulong seed = 20261121;
        var random = new DeterministicRandom(seed);
        List<Message> samples = Samples();
        for (int round = 0; round < 100_000; round++)
        {
            byte[] bytes = round % 2 == 0 ? RandomBytes(random) : Damage(Encode(samples[random.Next(samples.Count)]), random);
            if (MessageCodec.TryDecode(bytes, out Message? decoded))
            {
                Assert.True(bytes.AsSpan().SequenceEqual(Encode(decoded!)), $"seed {seed} round {round}: {Convert.ToHexString(bytes)}");
            }
        }
    }

    [Fact]
    public void A_count_that_the_bytes_can_not_hold_is_refused_before_anything_is_allocated()
    {
        byte[] bytes = Encode(new AppendRequest(A, B, new Term(1), EntryId.Zero, [], LogIndex.Zero));
        bytes.AsSpan(MessageCodec.HeaderBytes + 24).Fill(0xFF);

        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.False(MessageCodec.TryDecode(bytes, out _));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 4096);
    }

    [Fact]
    public void A_decoded_message_keeps_nothing_of_the_buffer()
    {
        byte[] bytes = Encode(Append(1));
        MessageCodec.TryDecode(bytes, out Message? decoded);
        string before = Describe(decoded!);

        bytes.AsSpan().Clear();

        Assert.Equal(before, Describe(decoded!));
    }

    [Fact]
    public void Entries_with_a_gap_are_never_sent()
    {
        LogEntry entry = new(new EntryId(new Term(1), new LogIndex(7)), EntryKind.Noop, default);
        var gap = new AppendRequest(A, B, new Term(1), new EntryId(new Term(1), new LogIndex(5)), [entry], LogIndex.Zero);

        Assert.Throws<InvariantViolationException>(() => Encode(gap));
    }

    private static byte[] Encode(Message message)
    {
        var bytes = new byte[MessageCodec.EncodedSize(message)];
        Assert.Equal(bytes.Length, MessageCodec.Encode(message, bytes));
        return bytes;
    }

    private static byte[] RandomBytes(DeterministicRandom random)
    {
        var bytes = new byte[random.Next(200)];
        for (int i = 0; i < bytes.Length; i++)
        {
            bytes[i] = (byte)random.Next(256);
        }

        if (bytes.Length > 1)
        {
            bytes[0] = MessageCodec.Version;
            bytes[1] = (byte)random.Next(16);
        }

        return bytes;
    }

    private static byte[] Damage(byte[] bytes, DeterministicRandom random)
    {
        for (int i = random.Next(4); i >= 0; i--)
        {
            bytes[random.Next(bytes.Length)] = random.Chance(500) ? (byte)random.Next(256) : (byte)0xFF;
        }

        return random.Chance(200) ? bytes[..random.Next(bytes.Length)] : bytes;
    }

    private static string Describe(Message message)
    {
        var text = new StringBuilder(message.ToString());
        switch (message)
        {
            case AppendRequest append:
                text.Clear().Append($"{append.From} {append.To} {append.Term} {append.Previous} {append.CommitIndex}");
                foreach (LogEntry entry in append.Entries)
                {
                    text.Append($" [{entry.Id} {entry.Kind} {Convert.ToHexString(entry.Payload.Span)}]");
                }

                break;
            case SnapshotChunk chunk:
                text.Clear().Append($"{chunk.From} {chunk.To} {chunk.Term} {chunk.Snapshot} {chunk.TotalBytes} {chunk.Offset} ");
                text.Append($"{string.Join(',', chunk.Membership.Voters)}|{string.Join(',', chunk.Membership.OutgoingVoters)}|");
                text.Append($"{string.Join(',', chunk.Membership.Learners)} {Convert.ToHexString(chunk.Data.Span)}");
                break;
            case ForwardRequest forward:
                text.Clear().Append($"{forward.From} {forward.To} {forward.Term} {forward.Incarnation} {forward.Floor}");
                foreach (ForwardedProposal proposal in forward.Proposals)
                {
                    text.Append($" [{proposal.RequestNumber} {Convert.ToHexString(proposal.Envelope.Span)}]");
                }

                break;
            case LeaseRequest request:
                text.Clear().Append($"{request.From} {request.To} {request.Term} {request.RequestId} ");
                text.AppendJoin(',', request.Questions);
                break;
            case LeaseResponse response:
                text.Clear().Append($"{response.From} {response.To} {response.Term} {response.RequestId} ");
                text.AppendJoin(',', response.Times);
                break;
            case ForwardRefusal refusal:
                text.Clear().Append($"{refusal.From} {refusal.To} {refusal.Term} {refusal.Incarnation} {refusal.IsOverloaded} ");
                text.AppendJoin(',', refusal.RequestNumbers);
                break;
        }

        return text.ToString();
    }

    private static AppendRequest Append(int count)
    {
        var previous = new EntryId(new Term(3), new LogIndex(41));
        LogEntry[] entries = [.. Enumerable.Range(0, count).Select(i => new LogEntry(
            new EntryId(new Term(3 + i), new LogIndex(42 + i)), (EntryKind)(i % 3), PayloadOf(i)))];
        return new AppendRequest(A, B, new Term(9), previous, entries, new LogIndex(40));
    }

    private static byte[] PayloadOf(int entry) => entry % 3 == (int)EntryKind.Membership
        ? MembershipCodec.Encode(new Membership([A, B], details: [new Member(A, "a", "http://a:1") { Replaces = B, Zone = "z" }]))
        : new byte[] { 1, 2, (byte)entry }[..(entry % 4 % 3)];

    private static List<Message> Samples()
    {
        var term = new Term(long.MaxValue);
        var entry = new EntryId(new Term(7), new LogIndex(long.MaxValue));
        var members = new Membership(
            [A, B], [new NodeId(5)], [new NodeId(6), new NodeId(9)], [new Member(A, "a", "http://a:1")], 4, [new NodeId(7)]);
        return
        [
            new VoteRequest(A, B, term, entry, IsPreVote: true, IsTransfer: false),
            new VoteRequest(A, B, term, entry, IsPreVote: false, IsTransfer: true),
            new VoteResponse(A, B, term, IsPreVote: false, IsGranted: true),
            new VoteResponse(A, B, term, IsPreVote: true, IsGranted: false),
            Append(0),
            Append(1),
            Append(9),
            new AppendAccepted(A, B, term, new LogIndex(5)),
            new AppendRejected(A, B, term, new LogIndex(6), entry),
            new Heartbeat(A, B, term, new LogIndex(3), ReadRound: 8),
            new CommitNotice(A, B, term, new LogIndex(3), new LogIndex(2)),
            new Heartbeat(A, B, term, new LogIndex(3), ReadRound: 8) { SentAt = new MonotonicTime(-5), AllAppliedIndex = new LogIndex(2) },
            new HeartbeatResponse(A, B, term, ReadRound: long.MaxValue),
            new HeartbeatResponse(A, B, term, ReadRound: 1)
            {
                SentAt = new MonotonicTime(long.MinValue),
                AppliedIndex = new LogIndex(9),
                StateHash = ulong.MaxValue,
                Facts = new MemberFacts(StoreBytes: 7, IsDiskLow: true) { DelayTicks = 12 },
            },
            new SnapshotChunk(A, B, term, entry, members, TotalBytes: 100, Offset: 50, new byte[] { 9, 8, 7 }),
            new SnapshotChunk(A, B, term, entry, new Membership([A]), TotalBytes: 0, Offset: 0, default),
            new SnapshotResponse(A, B, term, entry, NextOffset: 53, IsInstalled: true),
            new TimeoutNow(A, B, term),
            new ReadIndexRequest(A, B, term, RequestId: -1),
            new ReadIndexRequest(A, B, term, RequestId: 1) { AllowsLeaderLease = true },
            new ReadIndexResponse(A, B, term, RequestId: 77, new LogIndex(12), IsGranted: true),
            new LeaseRequest(A, B, term, RequestId: 9, [new(new LeaseId(long.MaxValue), true), new(new LeaseId(7), false)]),
            new LeaseRequest(A, B, term, RequestId: 10, []),
            new LeaseResponse(A, B, term, RequestId: 9, [new(new LeaseId(8), true, 15_000, 14_999), new(new LeaseId(7), false, 0, 0)]),
            new StateDiffers(A, B, term, new LogIndex(9), LeaderHash: ulong.MaxValue, NodeHash: 3),
            new ForwardRequest(A, B, term, Incarnation: ulong.MaxValue, Floor: 3, []),
            new ForwardRequest(A, B, term, 1, 3, [new(4, new byte[] { 1 }), new(5, default), new(9, new byte[] { 2, 3 })]),
            new ForwardRefusal(A, B, term, 1, [4, 5, long.MinValue], IsOverloaded: true),
        ];
    }
}
