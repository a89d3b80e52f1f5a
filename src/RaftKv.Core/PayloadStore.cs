using System.Runtime.InteropServices;

namespace RaftKv.Core;

/// <summary>
/// Keeps short payloads next to each other in larger arrays, so that the collector meets one object where there were a hundred.
/// Nothing is written twice, and no array comes back: one goes when nothing refers to any of its payloads.
/// </summary>
/// <remarks>One thread at a time.</remarks>
public sealed class PayloadStore
{
    // A version copies what it needs of a payload this short (VersionBytes), and would share a longer one.
    private const int MaxShortBytes = 384;

    // Doubled from the first: most logs are short.
    private const int FirstBytes = 1024;
    private const int MostBytes = 32 * 1024;

    private byte[] _array = [];
    private int _used;

    /// <summary>
    /// The payload itself when it is long, or stands in a larger array already; else the same bytes among others.
    /// </summary>
    public ReadOnlyMemory<byte> Keep(ReadOnlyMemory<byte> payload)
    {
        bool isShared = MemoryMarshal.TryGetArray(payload, out ArraySegment<byte> segment) && segment.Array!.Length > segment.Count;
        return isShared || payload.IsEmpty || payload.Length > MaxShortBytes ? payload : Packed(payload.Span);
    }

    /// <summary>A payload of these bytes: among others when it is short, else in an array of its own.</summary>
    public ReadOnlyMemory<byte> Copy(ReadOnlySpan<byte> payload) =>
        payload.IsEmpty ? default : payload.Length > MaxShortBytes ? payload.ToArray() : Packed(payload);

    private Memory<byte> Packed(ReadOnlySpan<byte> payload)
    {
        if (payload.Length > _array.Length - _used)
        {
            _array = new byte[Math.Clamp(_array.Length * 2, FirstBytes, MostBytes)];
            _used = 0;
        }

        Memory<byte> place = _array.AsMemory(_used, payload.Length);
        payload.CopyTo(place.Span);
        _used += payload.Length;
        return place;
    }
}
