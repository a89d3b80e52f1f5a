using Google.Protobuf;
using RaftKv.Core;
using RaftKv.Core.Replica.Proposals;
using RaftKv.Core.Store.Commands;
using RaftKv.Doors.Etcd.Kv;
using RaftKv.Doors.Grpc;
using RaftKv.Tests.Fuzz;
using Proto = RaftKv.Protocol.Etcd;

namespace RaftKv.Tests.Etcd;

/// <summary>
/// The short way to read puts and ranges beside protobuf's parser: what it takes, the parser takes, and means the same by it; and
/// it takes what clients send. On messages that are valid, unusual and broken.
/// </summary>
public sealed class DirectMessagesTests
{
    private const int Tries = 200_000;
    private const int Headroom = CommandEnvelope.HeaderBytes;

    [Fact]
    public void A_put_that_is_taken_is_what_protobuf_reads() => Assert.Null(DifferenceInPuts(TryParsePut));

    [Fact]
    public void A_range_that_is_taken_is_what_protobuf_reads() => Assert.Null(DifferenceInRanges(DirectRange.TryParse));

    [Fact]
    public void The_comparison_rejects_a_parser_that_takes_too_much() => Assert.NotNull(DifferenceInPuts(
        static (ReadOnlySpan<byte> message, out DirectPut put) =>
            TryParsePut(message, out put) || (message.Length > 0 && TryParsePut(message[..^1], out put))));

    [Fact]
    public void The_comparison_rejects_a_parser_that_lets_the_first_of_two_win() => Assert.NotNull(DifferenceInPuts(
        static (ReadOnlySpan<byte> message, out DirectPut put) =>
        {
            // Takes the longest start that has each field once.
            put = default;
            for (int length = message.Length; length > message.Length / 2; length--)
            {
                if (TryParsePut(message[..length], out put))
                {
                    return true;
                }
            }

            return false;
        }));

    [Fact]
    public void The_comparison_rejects_a_parser_that_loses_a_flag() => Assert.NotNull(DifferenceInPuts(
        static (ReadOnlySpan<byte> message, out DirectPut put) =>
        {
            bool isTaken = TryParsePut(message, out put);
            put = isTaken ? put with { Op = put.Op with { KeepsLease = false } } : put;
            return isTaken;
        }));

    [Fact]
    public void The_comparison_rejects_a_parser_that_cuts_a_limit() => Assert.NotNull(DifferenceInRanges(
        static (ReadOnlySpan<byte> message, out DirectRange range) =>
        {
            bool isTaken = DirectRange.TryParse(message, out range);
            range = isTaken ? range with { Range = range.Range with { Limit = range.Range.Limit & 0xFFFF } } : range;
            return isTaken;
        }));

    [Fact]
    public void A_put_is_encoded_in_place_as_it_is_elsewhere()
    {
        var random = new DeterministicRandom(8);
        for (int i = 0; i < 2_000; i++)
        {
            byte[] message = UsualPut(random).ToByteArray();
            Assert.True(TryParsePut(message, out DirectPut put));
            var command = new MutateCommand(put.Op with
            {
                Key = put.Op.Key.ToArray(),
                Value = put.Op.Value.ToArray(),
            });
            Assert.False(KvCommandCodec.TryEncodeInPlace(command, put.Envelope!, Headroom));
            Assert.True(KvCommandCodec.TryEncodeInPlace(new MutateCommand(put.Op), put.Envelope!, Headroom));
            Assert.Equal(KvCommandCodec.Encode(command, Headroom), put.Envelope!);
        }
    }

    [Fact]
    public void Only_a_plain_put_at_its_place_is_encoded_in_place()
    {
        var message = new Proto.PutRequest { Key = ByteString.CopyFromUtf8("k"), Value = ByteString.CopyFromUtf8("v") };
        Assert.True(TryParsePut(message.ToByteArray(), out DirectPut put));
        byte[] before = [.. put.Envelope!];
        var plain = new MutateCommand(put.Op);

        Assert.False(KvCommandCodec.TryEncodeInPlace(plain with { Principal = new byte[] { 1 } }, put.Envelope!, Headroom));
        Assert.False(KvCommandCodec.TryEncodeInPlace(
            plain with { Fences = [new Fence(LockKind.Lock, before, new Revision(1))] }, put.Envelope!, Headroom));
        Assert.False(KvCommandCodec.TryEncodeInPlace(
            plain with { Guard = new Compare(KeyRange.Single(put.Op.Key), CompareTarget.Version, CompareOperator.Equal, 0, default) },
            put.Envelope!, Headroom));
        Assert.False(KvCommandCodec.TryEncodeInPlace(plain, put.Envelope!, Headroom - 1));
        Assert.False(KvCommandCodec.TryEncodeInPlace(plain, [.. put.Envelope!], Headroom));
        Assert.False(KvCommandCodec.TryEncodeInPlace(new MutateCommand(put.Op with { Value = default }), put.Envelope!, Headroom));
        Assert.Equal(before, put.Envelope!);
    }

    private static bool TryParsePut(ReadOnlySpan<byte> message, out DirectPut put) => DirectPut.TryParse(message, Headroom, out put);

    // The first message of which parser and protobuf disagree; null for none.
    private static string? DifferenceInPuts(DirectParser<DirectPut> parse)
    {
        var random = new DeterministicRandom(6);
        var mutator = new Mutator(random);
        int taken = 0;
        for (int i = 0; i < Tries; i++)
        {
            Proto.PutRequest usual = UsualPut(random);
            bool isUsual = random.Chance(300);
            byte[] message = isUsual ? usual.ToByteArray() : Unusual(random, mutator, usual.ToByteArray(), UsualPut(random).ToByteArray());
            bool isTaken = parse(message, out DirectPut put);
            if (isUsual && !isTaken)
            {
                return $"not taken: {Convert.ToHexString(message)}";
            }

            taken += isTaken ? 1 : 0;
            if (isTaken && (!TryRead(Proto.PutRequest.Parser, message, out Proto.PutRequest? known) || !known.Equals(put.ToRequest())))
            {
                return $"taken for {put.ToRequest()}: {Convert.ToHexString(message)}";
            }
        }

        Assert.InRange(taken, Tries * 35 / 100, Tries * 90 / 100);
        return null;
    }

    private static string? DifferenceInRanges(DirectParser<DirectRange> parse)
    {
        var random = new DeterministicRandom(7);
        var mutator = new Mutator(random);
        for (int i = 0; i < Tries; i++)
        {
            Proto.RangeRequest usual = UsualRange(random);
            bool isUsual = random.Chance(300);
            byte[] message = isUsual
                ? usual.ToByteArray()
                : Unusual(random, mutator, usual.ToByteArray(), UsualRange(random).ToByteArray());
            bool isTaken = parse(message, out DirectRange range);
            if (isUsual && !isTaken)
            {
                return $"not taken: {Convert.ToHexString(message)}";
            }

            if (isTaken && (!TryRead(Proto.RangeRequest.Parser, message, out Proto.RangeRequest? known) || !IsSame(known, range)))
            {
                return $"taken for {range}: {Convert.ToHexString(message)}";
            }
        }

        return null;
    }

    private static bool IsSame(Proto.RangeRequest known, DirectRange range)
    {
        KvRules.Check(known);
        RangeRequest expected = RangeMapping.ToStore(known);
        KeyRange keys = range.Range.Keys;
        return known.Serializable == range.IsSerializable
            && known.SortTarget == Proto.RangeRequest.Types.SortTarget.Key
            && keys.Kind == expected.Keys.Kind
            && keys.Start.Span.SequenceEqual(expected.Keys.Start.Span)
            && keys.End.Span.SequenceEqual(expected.Keys.End.Span)
            && range.Range with { Keys = default } == expected with { Keys = default };
    }

    private static bool TryRead<T>(MessageParser<T> parser, byte[] message, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out T? read)
        where T : class, IMessage<T>
    {
        try
        {
            read = parser.ParseFrom(message);
            return true;
        }
        catch (InvalidProtocolBufferException)
        {
            read = null;
            return false;
        }
    }

    private static Proto.PutRequest UsualPut(DeterministicRandom random) => new()
    {
        Key = Text(random, 1 + random.Next(40)),
        Value = Text(random, random.Chance(100) ? 0 : random.Next(300)),
        Lease = Number(random),
        PrevKv = random.Chance(300),
        IgnoreValue = random.Chance(200),
        IgnoreLease = random.Chance(200),
    };

    private static Proto.RangeRequest UsualRange(DeterministicRandom random) => new()
    {
        Key = Text(random, 1 + random.Next(40)),
        RangeEnd = random.Chance(200) ? ByteString.CopyFrom(0) : Text(random, random.Chance(500) ? 0 : random.Next(40)),
        Limit = Number(random),
        Revision = Number(random),
        Serializable = random.Chance(500),
        KeysOnly = random.Chance(300),
        CountOnly = random.Chance(300),
    };

    // Fields twice and in another order, fields that are not known, numbers of other lengths than they need, broken bytes.
    private static byte[] Unusual(DeterministicRandom random, Mutator mutator, byte[] one, byte[] other)
    {
        switch (random.Next(6))
        {
            case 0:
                return [.. one, .. other];
            case 1:
                return [.. one, (byte)random.Next(256), .. other.AsSpan(0, random.Next(other.Length + 1))];
            case 2:
                // Any field below 16 as a number: an odd length, a wrong wire type or one that is not known.
                return [(byte)(random.Next(16) << 3), .. Padded(random), .. one];
            case 3:
                return [.. one, (byte)(random.Next(32) << 3), .. Padded(random)];
            default:
                return mutator.Break(one);
        }
    }

    // A number in more bytes than it needs, up to more than any number may have.
    private static byte[] Padded(DeterministicRandom random)
    {
        byte[] bytes = new byte[random.Next(1, 12)];
        for (int i = 0; i < bytes.Length; i++)
        {
            bytes[i] = (byte)((random.Chance(500) ? 0 : random.Next(128)) | (i < bytes.Length - 1 ? 0x80 : 0));
        }

        return bytes;
    }

    private static long Number(DeterministicRandom random) => random.Next(4) switch
    {
        0 => 0,
        1 => random.Next(200),
        2 => (long)(random.NextUInt64() >> (1 + random.Next(63))),
        _ => random.Next(int.MaxValue),
    };

    private static ByteString Text(DeterministicRandom random, int length)
    {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++)
        {
            bytes[i] = (byte)random.Next(256);
        }

        return ByteString.CopyFrom(bytes);
    }
}
