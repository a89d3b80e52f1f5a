using System.Buffers;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Tree;

namespace RaftKv.Core.Tests.Store;

/// <summary>A version says what it was made of, whatever form it is kept in.</summary>
public sealed class KeyValueTests
{
    public static TheoryData<int, int> Lengths()
    {
        TheoryData<int, int> data = [];
        foreach (int key in new[] { 1, 15, 16, 17, 200, KvLimits.MaxKeyBytes })
        {
            foreach (int value in new[] { 0, 1, 15, 16, 55, 56, 57, 128, 239, 240, 241, 5000, KvLimits.MaxValueBytes })
            {
                data.Add(key, value);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Lengths))]
    public void Every_part_comes_back(int keyLength, int valueLength)
    {
        byte[] key = Filled(keyLength, 3);
        byte[] value = Filled(valueLength, 7);
        byte[] array = [.. new byte[100], .. key, .. value, 9];
        byte[] far = [.. new byte[VersionHead.MaxOffset + 1], .. key, .. value];
        foreach ((long created, long modified, int sub, long version, long lease, DeleteReason reason) in Facts())
        {
            Revision createRevision = new(created);
            Revision modRevision = new(modified);
            CheckAll(VersionBytes.Copy(key, value));
            CheckAll(VersionBytes.Share(array, 100, keyLength, valueLength));
            CheckAll(VersionBytes.Share(far, VersionHead.MaxOffset + 1, keyLength, valueLength));

            void CheckAll(VersionBytes bytes)
            {
                KeyValue pair = Make(bytes);
                Check(pair, value);
                Check(Make(pair.Bytes), value);
                Check(pair.WithoutValue(), []);
            }

            KeyValue Make(VersionBytes bytes) =>
                KeyValue.Of(bytes, createRevision, modRevision, sub, version, new LeaseId(lease), reason);

            void Check(KeyValue pair, byte[] expected)
            {
                Assert.True(pair.KeySpan.SequenceEqual(key));
                Assert.True(pair.ValueSpan.SequenceEqual(expected));
                Assert.True(pair.Key.Span.SequenceEqual(key));
                Assert.True(pair.Value.Span.SequenceEqual(expected));
                Assert.Equal((keyLength, keyLength + expected.Length), (pair.KeyLength, pair.DataBytes));
                Assert.Equal((createRevision, modRevision, sub, version), (pair.CreateRevision, pair.ModRevision, pair.Sub, pair.Version));
                Assert.Equal((new LeaseId(lease), reason, version == 0), (pair.Lease, pair.DeleteReason, pair.IsTombstone));
            }
        }
    }

    [Fact]
    public void Memory_of_a_small_version_can_be_pinned_and_does_not_change_it()
    {
        KeyValue pair = KeyValue.Of(VersionBytes.Copy("key"u8, "value"u8), new Revision(2), new Revision(2), 0, 1, LeaseId.None);
        using MemoryHandle handle = pair.Value.Pin();
        Assert.Equal("value", System.Text.Encoding.UTF8.GetString(pair.Value.ToArray()));
        Assert.Equal("keyvalue", System.Text.Encoding.UTF8.GetString(pair.KeyAndValue.ToArray()));
    }

    [Fact]
    public void What_has_no_key_or_too_long_a_value_is_no_version()
    {
        Assert.Throws<InvariantViolationException>(
            () => KeyValue.Of(VersionBytes.Copy(default, "v"u8), new Revision(2), new Revision(2), 0, 1, LeaseId.None));
        Assert.Throws<InvariantViolationException>(
            () => KeyValue.Of(VersionBytes.Copy("k"u8, new byte[1 << 21]), new Revision(2), new Revision(2), 0, 1, LeaseId.None));
        Assert.Throws<InvariantViolationException>(() => KeyValue.Of(
            VersionBytes.Copy("k"u8, default), new Revision(2), new Revision(2), 0, 1, LeaseId.None, DeleteReason.Expired));
    }

    // First versions with and without what makes them more than plain, rewritten ones, tombstones, a record.
    private static (long Created, long Modified, int Sub, long Version, long Lease, DeleteReason Reason)[] Facts() =>
    [
        (5, 5, 0, 1, 0, DeleteReason.Deleted), (5, 5, VersionHead.MaxSub, 1, 0, DeleteReason.Deleted),
        (5, 5, VersionHead.MaxSub + 1, 1, 0, DeleteReason.Deleted), (5, 5, 3, 1, 77, DeleteReason.Deleted),
        (5, 6, 3, 2, 0, DeleteReason.Deleted), (5, 9, 3, 1, 0, DeleteReason.Deleted),
        (5, 9, 200_000, long.MaxValue, -1, DeleteReason.Deleted), (0, 9, 200_000, 0, 0, DeleteReason.Deleted),
        (0, 9, 0, 0, 77, DeleteReason.Expired), (0, 9, 1, 0, 77, DeleteReason.Revoked),
        (0, 0, 0, 1, 0, DeleteReason.Deleted), (long.MaxValue, long.MaxValue, 0, 1, 0, DeleteReason.Deleted),
    ];

    private static byte[] Filled(int length, int step)
    {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++)
        {
            bytes[i] = (byte)(1 + (i * step));
        }

        return bytes;
    }
}
