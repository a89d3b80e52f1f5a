using System.Buffers.Binary;
using System.IO.Pipelines;
using Google.Protobuf;
using RaftKv.Core;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Doors.Etcd.Calls;
using RaftKv.Doors.Etcd.Kv;
using RaftKv.Doors.Grpc;
using Proto = RaftKv.Protocol.Etcd;

namespace RaftKv.Tests.Etcd;

/// <summary>Answers that are written field by field, beside protobuf's bytes of the same message.</summary>
public sealed class DirectAnswersTests
{
    private readonly DeterministicRandom _random = new(9);

    [Fact]
    public void The_answer_of_a_put_has_protobufs_bytes()
    {
        for (int i = 0; i < 5_000; i++)
        {
            EtcdHead head = Head();
            byte[] written = Written(body => DirectAnswers.WritePut(body, head, metrics: null));
            AssertFrame(new Proto.PutResponse { Header = HeaderOf(head) }, written);
        }
    }

    [Fact]
    public void The_answer_of_a_range_has_protobufs_bytes()
    {
        MvccStore store = Filled();
        int small = 0;
        for (int i = 0; i < 5_000; i++)
        {
            EtcdHead head = Head();
            RangeResult result = store.Publish().Range(new RangeRequest
            {
                Keys = _random.Chance(500) ? KeyRange.Single(Key(_random.Next(70))) : KeyRange.From(Key(_random.Next(70))),
                Limit = _random.Next(20),
                IsKeysOnly = _random.Chance(300),
                IsCountOnly = _random.Chance(200),
            });
            bool isSmall = false;
            byte[] written = Written(body => isSmall = DirectAnswers.TryWriteRange(body, head, result, metrics: null));
            if (!isSmall)
            {
                Assert.Empty(written);
                continue;
            }

            small++;
            Proto.RangeResponse expected = RangeMapping.ToAnswer(result);
            expected.Header = HeaderOf(head);
            AssertFrame(expected, written);
        }

        Assert.InRange(small, 2_500, 4_999);
    }

    private static void AssertFrame(IMessage expected, byte[] written)
    {
        byte[] message = expected.ToByteArray();
        Assert.Equal(0, written[0]);
        Assert.Equal(message.Length, BinaryPrimitives.ReadInt32BigEndian(written.AsSpan(1)));
        Assert.Equal(message, written[GrpcFrame.PrefixBytes..]);
    }

    private static byte[] Written(Action<PipeWriter> write)
    {
        var stream = new MemoryStream();
        PipeWriter body = PipeWriter.Create(stream);
        write(body);
        body.Complete();
        return stream.ToArray();
    }

    private static byte[] Key(int number) => [(byte)'k', (byte)number];

    // Values from none to more than an answer that is small may have, written once to many times, some on a lease.
    private MvccStore Filled()
    {
        var store = new MvccStore();
        Apply(store, new GrantLeaseCommand(new LeaseId(long.MaxValue), 60_000));
        for (int i = 0; i < 300; i++)
        {
            int number = _random.Next(60);
            LeaseId lease = _random.Chance(300) ? new LeaseId(long.MaxValue) : LeaseId.None;
            Apply(store, new MutateCommand(new PutOp(Key(number), new byte[number % 10 == 0 ? number * 100 : number * 3], lease)));
        }

        return store;
    }

    private static void Apply(MvccStore store, KvCommand command) =>
        Assert.Equal(CommandStatus.Ok, store.Apply(store.AppliedIndex.Next, KvCommandCodec.Encode(command)).Status);

    private EtcdHead Head() => new(Number(), Number(), new Revision((long)(Number() >> 1)), Number());

    private ulong Number() => _random.Chance(100) ? 0 : _random.NextUInt64() >> _random.Next(64);

    private static Proto.ResponseHeader HeaderOf(EtcdHead head) => new()
    {
        ClusterId = head.ClusterId,
        MemberId = head.MemberId,
        Revision = head.Revision.Value,
        RaftTerm = head.RaftTerm,
    };
}
