using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace RaftKv.EtcdConformance.Kubernetes;

/// <summary>
/// What a list shows, pair by pair in its order, as a count and a hash: two are the same when what they show is. A long run lists
/// hundreds of thousands of pairs again and again, which nothing could keep. One thread.
/// </summary>
public sealed class ListDigest : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private int _count;

    /// <summary>The next pair.</summary>
    public void Add(string key, string value, long modRevision)
    {
        Span<byte> head = stackalloc byte[2 * sizeof(int) + sizeof(long)];
        BinaryPrimitives.WriteInt32LittleEndian(head, key.Length);
        BinaryPrimitives.WriteInt32LittleEndian(head[sizeof(int)..], value.Length);
        BinaryPrimitives.WriteInt64LittleEndian(head[(2 * sizeof(int))..], modRevision);
        _hash.AppendData(head);
        _hash.AppendData(MemoryMarshal.AsBytes(key.AsSpan()));
        _hash.AppendData(MemoryMarshal.AsBytes(value.AsSpan()));
        _count++;
    }

    /// <summary>All that was added.</summary>
    public string Sum() => $"{_count} pairs, {Convert.ToHexStringLower(_hash.GetCurrentHash())}";

    public void Dispose() => _hash.Dispose();
}
