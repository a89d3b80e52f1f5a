using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.Tree;
using static RaftKv.Core.Tests.Store.StoreHarness;

namespace RaftKv.Core.Tests.Store;

/// <summary>The bytes of commands: round trip, golden bytes, bounds, and anything at all as input.</summary>
public sealed class KvCommandCodecTests
{
    [Fact]
    public void Random_commands_come_back_as_they_were_and_encode_to_the_same_bytes()
    {
        RandomCommands commands = new(new DeterministicRandom(21), keyCount: 30);
        for (int i = 0; i < 5000; i++)
        {
            KvCommand command = commands.Next(revision: 1 + i, compacted: i / 2);
            byte[] bytes = KvCommandCodec.Encode(command, headroomBytes: i % 30);
            Assert.Equal(new byte[i % 30], bytes[..(i % 30)]);
            Assert.True(KvCommandCodec.TryDecode(bytes.AsMemory(i % 30), out KvCommand? decoded));
            Assert.Equal(Tell(command), Tell(decoded!));
            Assert.Equal(bytes[(i % 30)..], KvCommandCodec.Encode(decoded!));
        }
    }

    [Fact]
    public void The_layout_is_the_one_of_the_document()
    {
        Assert.Equal("0102" + "0700000000000000", Hex(new CompactCommand(new Revision(7))));
        Assert.Equal(
            "01010001" + "01" + "0900000000000000" + "0100" + "02000000" + "6B" + "7678",
            Hex(new MutateCommand(new PutOp(Bytes("k"), Bytes("vx"), new LeaseId(9), WantsPrevious: true))));
        Assert.Equal(
            "010101" + "030300" + "01006B" + "01000000" + "76" + "0201" + "01" + "010061" + "010062",
            Hex(new MutateCommand(
                new DeleteRangeOp(KeyRange.Between(Bytes("a"), Bytes("b")), WantsPrevious: true), IfValue("k", CompareOperator.NotEqual, "v"))));
        Assert.Equal(
            "010100" + "05" + "010001000100" + "000100" + "01006B" + "0200000000000000"
                + "04" + "01006E" + "FFFFFFFFFFFFFFFF" + "03" + "04" + "03" + "0500000000000000" + "0A000000" + "02" + "0000",
            Hex(new MutateCommand(Txn(
                [If("k", CompareTarget.Version, CompareOperator.Greater, 2)], [Add("n", -1)],
                new RangeOp(new RangeRequest
                {
                    Keys = KeyRange.All,
                    Revision = new Revision(5),
                    Limit = 10,
                    IsDescending = true,
                    SortBy = SortTarget.ModRevision,
                })))));
    }

    [Fact]
    public void The_layout_of_a_wrapper_is_the_one_of_the_document()
    {
        byte[] hash = [.. Enumerable.Repeat((byte)0xAA, KvLimits.PayloadHashBytes)];
        string hashed = Convert.ToHexString(hash);
        Assert.Equal("030A" + "0900000000000000", Hex(new OpenSessionCommand(new ClientSessionId(9))));
        Assert.Equal(
            "0310" + "0F" + "01" + "01" + "01006D" + "0700000000000000" + "01" + "6B" + hashed
                + "0900000000000000" + "0000000000000000" + "0000000000000000" + "02" + "7573" + "05" + "0300000000000000",
            Hex(new RevokeLeaseCommand(new LeaseId(3))
            {
                Fences = [new Fence(LockKind.Semaphore, Bytes("m"), new Revision(7))],
                Idempotency = new CommandKey(Bytes("k"), hash),
                Session = new SessionStamp(new ClientSessionId(9), 0, 0, default),
                Principal = Bytes("us"),
            }));
        Assert.Equal(
            "0310" + "04" + "0900000000000000" + "0500000000000000" + "0400000000000000" + hashed + "05" + "0300000000000000",
            Hex(new RevokeLeaseCommand(new LeaseId(3)) { Session = new SessionStamp(new ClientSessionId(9), 5, 4, hash) }));
    }

    [Fact]
    public void Commands_about_room_come_back_as_they_were_and_nothing_else_decodes()
    {
        KvCommand[] commands =
        [
            new SetQuotaCommand(Bytes("p"), new QuotaTerms(0, KvLimits.NoQuota)), new SetQuotaCommand(Bytes("p/"), new QuotaTerms(5, 7)),
            new RemoveQuotaCommand(Bytes("p")), new SetStoreQuotaCommand(1), new SetStoreQuotaCommand(KvLimits.NoQuota, IsSeed: true),
            new ReportBudgetCommand(new NodeId(ulong.MaxValue), 0),
            new RaiseAlarmCommand(AlarmKind.Corrupt, new NodeId(9), AlarmCause.Hand),
            new ClearAlarmCommand(AlarmKind.NoSpace, NodeId.None),
            new ClearAlarmCommand(AlarmKind.NoSpace, new NodeId(2), AlarmCause.Quota),
        ];
        foreach (KvCommand command in commands)
        {
            byte[] bytes = KvCommandCodec.Encode(command);
            Assert.True(KvCommandCodec.TryDecode(bytes, out KvCommand? decoded));
            Assert.Equal(bytes, KvCommandCodec.Encode(decoded!));
            Assert.Equal(command.GetType(), decoded!.GetType());
            Assert.False(KvCommandCodec.TryDecode(bytes.AsMemory(0, bytes.Length - 1), out _));
            Assert.False(KvCommandCodec.TryDecode((byte[])[.. bytes, 0], out _));
        }

        Assert.Equal("042001007005000000000000000700000000000000", Hex(new SetQuotaCommand(Bytes("p"), new QuotaTerms(5, 7))));
        Assert.Equal("0424020900000000000000" + "02", Hex(commands[6]));
        Assert.Equal("0425010200000000000000" + "01", Hex(commands[8]));
        QuotaTerms nothing = new(KvLimits.NoQuota, KvLimits.NoQuota);
        Assert.Throws<ArgumentException>(() => KvCommandCodec.Encode(new SetQuotaCommand(Bytes("p"), nothing)));
        Assert.Throws<ArgumentException>(() => KvCommandCodec.Encode(new SetQuotaCommand(default, new QuotaTerms(1, 1))));
        Assert.Throws<ArgumentException>(() => KvCommandCodec.Encode(new SetStoreQuotaCommand(0)));
        Assert.Throws<ArgumentException>(() => KvCommandCodec.Encode(new RaiseAlarmCommand(0, NodeId.None, AlarmCause.Hand)));
    }

    [Fact]
    public void Values_and_keys_are_slices_of_the_command()
    {
        byte[] bytes = KvCommandCodec.Encode(new MutateCommand(Put("key", "value")));
        Assert.True(KvCommandCodec.TryDecode(bytes, out KvCommand? command));
        PutOp put = (PutOp)((MutateCommand)command!).Op;
        Assert.True(put.Value.Span.Overlaps(bytes));
        Assert.True(put.Key.Span.Overlaps(bytes));
    }

    [Fact]
    public void Every_cut_and_every_flipped_bit_decodes_or_is_malformed_and_never_throws()
    {
        DeterministicRandom random = new(22);
        RandomCommands commands = new(random, keyCount: 10);
        StoreHarness store = new();
        int malformedCount = 0;
        for (int i = 0; i < 400; i++)
        {
            byte[] bytes = KvCommandCodec.Encode(commands.Next(revision: 20, compacted: 3));
            for (int length = 0; length < bytes.Length; length++)
            {
                Assert.False(KvCommandCodec.TryDecode(bytes.AsMemory(0, length), out _));
            }

            Assert.False(KvCommandCodec.TryDecode((byte[])[.. bytes, 0], out _));
            for (int flips = 0; flips < 60; flips++)
            {
                byte[] damaged = (byte[])bytes.Clone();
                for (int j = random.Next(1, 4); j > 0; j--)
                {
                    damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
                }

                damaged[0] = (byte)(damaged[0] % 3);
                bool isCommand = KvCommandCodec.TryDecode(damaged, out KvCommand? decoded);
                Assert.Equal(isCommand, decoded is not null);
                Assert.True(!isCommand || KvCommandCodec.Encode(decoded!).AsSpan().SequenceEqual(damaged));
                malformedCount += ApplyAndCheck(store, damaged, isCommand) ? 0 : 1;
            }
        }

        Assert.True(malformedCount > 5000);
        Assert.Equal([], KeyTreeInvariants.FindBroken(store.View.Root));
    }

    [Fact]
    public void Random_bytes_never_throw_and_change_nothing_when_malformed()
    {
        DeterministicRandom random = new(23);
        StoreHarness store = new();
        for (int i = 0; i < 30_000; i++)
        {
            byte[] bytes = new byte[random.Next(60)];
            for (int j = 0; j < bytes.Length; j++)
            {
                bytes[j] = (byte)(random.Chance(600) ? random.Next(6) : random.Next(256));
            }

            if (bytes.Length > 2)
            {
                bytes[0] = 1;
                bytes[1] = (byte)random.Next(1, 3);
            }
            else if (bytes.Length > 0)
            {
                bytes[0] %= 3;
            }

            ApplyAndCheck(store, bytes, KvCommandCodec.TryDecode(bytes, out _));
        }
    }

    [Fact]
    public void The_replicated_bounds_hold_on_both_sides()
    {
        byte[] longKey = new byte[KvLimits.MaxKeyBytes];
        byte[] longValue = new byte[KvLimits.MaxValueBytes];
        Assert.True(RoundTrips(new PutOp(longKey, longValue)));
        Assert.Throws<ArgumentException>(() => RoundTrips(new PutOp(new byte[KvLimits.MaxKeyBytes + 1], default)));
        Assert.Throws<ArgumentException>(() => RoundTrips(new PutOp(default, default)));
        Assert.Throws<ArgumentException>(() => RoundTrips(new IncrementOp(default, 1)));
        Assert.Throws<ArgumentException>(() => RoundTrips(new DeleteRangeOp(default)));
        Assert.Throws<ArgumentException>(() => RoundTrips(new PutOp(Bytes("k"), new byte[KvLimits.MaxValueBytes + 1])));
        Assert.Throws<ArgumentException>(() => RoundTrips(Txn([], [new PutOp(Bytes("a"), longValue), new PutOp(Bytes("b"), longValue)])));
        Assert.Throws<ArgumentException>(() => RoundTrips(Read("a", revision: -1)));
        Assert.Throws<ArgumentException>(() => KvCommandCodec.Encode(new CompactCommand(new Revision(-1))));

        Assert.True(RoundTrips(Nest(KvLimits.MaxTxnDepth)));
        Assert.Throws<ArgumentException>(() => RoundTrips(Nest(KvLimits.MaxTxnDepth + 1)));
        KvOp[] most = [.. Enumerable.Repeat<KvOp>(Delete("k"), KvLimits.MaxOps - 1)];
        Assert.True(RoundTrips(Txn([], most)));
        Assert.Throws<ArgumentException>(() => RoundTrips(Txn([], [.. most, Delete("k")])));
        Assert.Throws<ArgumentException>(() => RoundTrips(Txn([IfValue("k", CompareOperator.Equal, "")], most)));
    }

    [Fact]
    public void Bytes_beyond_the_bounds_are_malformed()
    {
        byte[] nested = KvCommandCodec.Encode(new MutateCommand(Nest(KvLimits.MaxTxnDepth)));
        byte[] innermost = [5, 0, 0, 0, 0, 0, 0];
        Assert.Equal(innermost, nested[^7..]);
        byte[] deeper = [.. nested[..^7], 5, 0, 0, 1, 0, 0, 0, .. innermost];
        Assert.False(KvCommandCodec.TryDecode(deeper, out _));

        // A count of 65,535 members and no bytes for them: refused before room is made.
        Assert.False(KvCommandCodec.TryDecode((byte[])[1, 1, 0, 5, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], out _));
        Assert.False(KvCommandCodec.TryDecode(new byte[KvLimits.MaxCommandBytes + 1], out _));
        Assert.False(KvCommandCodec.TryDecode(default, out _));

        // Filters that filter nothing are not what the encoder makes.
        byte[] unfiltered = KvCommandCodec.Encode(new MutateCommand(new RangeOp(new RangeRequest { Keys = KeyRange.All })));
        Assert.Equal(new byte[] { 1, 1, 0, 3, 0 }, unfiltered[..5]);
        byte[] emptyFilters = [1, 1, 0, 3, 8, .. unfiltered[5..18], .. new byte[32], .. unfiltered[18..]];
        Assert.False(KvCommandCodec.TryDecode(emptyFilters, out _));
        emptyFilters[18] = 1;
        Assert.True(KvCommandCodec.TryDecode(emptyFilters, out _));
    }

    private static bool ApplyAndCheck(StoreHarness store, byte[] bytes, bool isCommand)
    {
        StoreView before = store.View;
        CommandResult result = store.ApplyBytes(bytes);
        Assert.Equal(isCommand, result.Status != CommandStatus.Malformed);
        if (!isCommand && !before.IsCompacting)
        {
            Assert.Equal(before.StateHash, store.View.StateHash);
            Assert.Equal(before.Revision, result.Revision);
        }

        return isCommand;
    }

    private static TxnOp Nest(int depth) => Txn([], depth == 1 ? [] : [Nest(depth - 1)]);

    private static bool RoundTrips(KvOp op) =>
        KvCommandCodec.TryDecode(KvCommandCodec.Encode(new MutateCommand(op)), out KvCommand? decoded)
        && Tell(decoded!) == Tell(new MutateCommand(op));

    private static string Hex(KvCommand command) => Convert.ToHexString(KvCommandCodec.Encode(command));

    private static string Tell(KvCommand command) => command switch
    {
        CompactCommand compact => $"compact {compact.Revision}",
        MutateCommand mutate => $"{(mutate.Guard is null ? "no guard" : Tell(mutate.Guard))} {Tell(mutate.Op)}",
        _ => throw new ArgumentException(command.GetType().Name),
    };

    private static string Tell(KvOp op) => op switch
    {
        PutOp put => $"put {Hex(put.Key)} {Hex(put.Value)} {put.Lease} {put.WantsPrevious} {put.KeepsValue} {put.KeepsLease}",
        DeleteRangeOp delete => $"delete {Tell(delete.Keys)} {delete.WantsPrevious}",
        RangeOp range => $"range {Tell(range.Request.Keys)} {range.Request with { Keys = default }}",
        IncrementOp increment => $"increment {Hex(increment.Key)} {increment.By}",
        TxnOp txn => $"txn if {string.Join(", ", txn.Compares.Select(Tell))} then {string.Join(", ", txn.Then.Select(Tell))} " +
            $"else {string.Join(", ", txn.Else.Select(Tell))} end",
        _ => throw new ArgumentException(op.GetType().Name),
    };

    private static string Tell(Compare compare) =>
        $"{Tell(compare.Keys)} {compare.Target} {compare.Operator} {compare.Number} {Hex(compare.Value)}";

    private static string Tell(KeyRange keys) => $"{keys.Kind} {Hex(keys.Start)} {Hex(keys.End)}";

    private static string Hex(ReadOnlyMemory<byte> bytes) => Convert.ToHexString(bytes.Span);
}
