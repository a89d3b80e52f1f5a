using Google.Protobuf;
using RaftKv.Migration;
using RaftKv.Migration.Import;
using RaftKv.Migration.Keys;

namespace RaftKv.Tests.Migration;

/// <summary>What the import from a living etcd is made of; LivingImportTests has the whole, against a real one.</summary>
public sealed class ImportPartsTests
{
    [Fact]
    public void A_prefix_is_the_range_of_the_keys_that_begin_so()
    {
        Assert.Equal(Range("a/", "a0"), KeyRange.OfPrefix("a/"u8));
        Assert.Equal(new KeyRange(Bytes(1, 255, 255), Bytes(2)), KeyRange.OfPrefix([1, 255, 255]));
        Assert.Equal(new KeyRange(Bytes(255, 255), KeyRange.Zero), KeyRange.OfPrefix([255, 255]));
        Assert.Equal(KeyRange.All, KeyRange.OfPrefix([]));
        Assert.True(KeyRange.OfPrefix([255]).Holds(Bytes(255, 255, 255)));
        Assert.False(KeyRange.OfPrefix("a/"u8).Holds(ByteString.CopyFromUtf8("a0")));
    }

    [Fact]
    public void Prefixes_within_one_another_are_read_once_and_in_order() => Assert.Equal(
        [Range("a/", "a0"), Range("c", "d")], KeyRange.OfPrefixes(["c"u8.ToArray(), "a/b"u8.ToArray(), "a/"u8.ToArray(), "c"u8.ToArray()]));

    [Fact]
    public void Progress_is_read_as_it_was_written_and_nothing_else_is_taken_for_it()
    {
        var progress = new ImportProgress(0xABC, ["\"a/\""], ImportPhase.Copy, 12)
        {
            Cursor = Bytes(0, 255),
            Range = 1,
            ChangesBehind = 3,
            Run = "r",
            Number = 4,
        };
        ImportProgress read = ImportProgress.Decode(progress.Encode());
        Assert.Equal(progress with { Prefixes = read.Prefixes }, read);
        Assert.Equal(progress.Prefixes, read.Prefixes);

        string otherPhase = progress.Encode().ToStringUtf8().Replace("copy", "rest", StringComparison.Ordinal);
        string[] bad = ["", "x", "{}", "[]", """{"format":2}""", otherPhase];
        foreach (string value in bad)
        {
            Assert.True(Assert.Throws<ImportException>(() => ImportProgress.Decode(ByteString.CopyFromUtf8(value))).IsRefusal);
        }
    }

    [Fact]
    public void A_transaction_takes_at_most_100_changes_and_a_mebibyte_but_always_one()
    {
        Change[] small = [.. Enumerable.Range(0, 250).Select(static i => new Change(Bytes(1), Bytes(2), 0))];
        Assert.Equal(100, ImportTarget.Fitting(small, 0));
        Assert.Equal(50, ImportTarget.Fitting(small, 200));
        Assert.Equal(0, ImportTarget.Fitting(small, 250));
        Change large = new(Bytes(1), ByteString.CopyFrom(new byte[600_000]), 0);
        Assert.Equal(1, ImportTarget.Fitting([large, large], 0));
        Assert.Equal(1, ImportTarget.Fitting([new Change(Bytes(1), ByteString.CopyFrom(new byte[1_500_000]), 0), small[0]], 0));
    }

    private static KeyRange Range(string from, string to) => new(ByteString.CopyFromUtf8(from), ByteString.CopyFromUtf8(to));

    private static ByteString Bytes(params byte[] bytes) => ByteString.CopyFrom(bytes);
}
