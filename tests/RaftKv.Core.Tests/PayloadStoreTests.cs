using System.Runtime.InteropServices;

namespace RaftKv.Core.Tests;

/// <summary>Short payloads side by side; a byte that changed later would be replicated damage with a sound checksum.</summary>
public sealed class PayloadStoreTests
{
    private readonly PayloadStore _store = new();

    [Fact]
    public void What_is_kept_never_changes_whatever_comes_after_it()
    {
        var random = new DeterministicRandom(5);
        List<(byte[] Expected, ReadOnlyMemory<byte> Kept)> all = [];
        for (int i = 0; i < 5_000; i++)
        {
            byte[] payload = new byte[random.Next(500)];
            payload.AsSpan().Fill((byte)i);
            ReadOnlyMemory<byte> kept = i % 2 == 0 ? _store.Keep(payload) : _store.Copy(payload);
            all.Add(([.. payload], kept));
            if (!MemoryMarshal.TryGetArray(kept, out ArraySegment<byte> segment) || segment.Array != payload)
            {
                payload.AsSpan().Fill(0xFF);
            }
        }

        Assert.All(all, one => Assert.True(one.Kept.Span.SequenceEqual(one.Expected)));
    }

    [Fact]
    public void A_hundred_short_payloads_are_a_few_arrays_and_a_long_one_stays_what_it_is()
    {
        HashSet<byte[]> arrays = [];
        for (int i = 0; i < 100; i++)
        {
            arrays.Add(ArrayOf(_store.Keep(new byte[200])));
        }

        Assert.InRange(arrays.Count, 1, 6);
        byte[] payload = new byte[385];
        Assert.Same(payload, ArrayOf(_store.Keep(payload)));
        Assert.Equal(385, ArrayOf(_store.Copy(payload)).Length);
    }

    [Fact]
    public void What_stands_among_others_already_stays_there()
    {
        ReadOnlyMemory<byte> kept = _store.Copy(new byte[200]);
        Assert.Equal(kept, new PayloadStore().Keep(kept));
    }

    private static byte[] ArrayOf(ReadOnlyMemory<byte> bytes)
    {
        Assert.True(MemoryMarshal.TryGetArray(bytes, out ArraySegment<byte> segment));
        return segment.Array!;
    }
}
