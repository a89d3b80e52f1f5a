using System.Buffers.Binary;
using System.Text;

namespace RaftKv.Bench.Grpc;

/// <summary>etcd's messages, laid out once; the key's digits or the moment of sending are patched in. One loop.</summary>
internal sealed class GrpcRequests
{
    /// <summary>What watchers of the fan-out see.</summary>
    private const string WatchedKey = "fanout/key";

    private readonly byte[] _put;
    private readonly byte[] _range;
    private readonly byte[] _stamped;
    private readonly byte[] _txn;
    private readonly byte[] _keepAlive;
    private readonly int _keyBytes;

    internal GrpcRequests(BenchOptions options, int seed)
    {
        _keyBytes = options.KeyBytes;
        byte[] key = Encoding.ASCII.GetBytes("k" + new string('0', options.KeyBytes - 1));
        byte[] value = new byte[Math.Max(options.ValueBytes, sizeof(long))];
        new Random(seed).NextBytes(value);
        _put = [.. Field(1, key), .. Field(2, value)];
        _range = [.. Field(1, key), .. options.IsEventual ? [0x38, 1] : Array.Empty<byte>()];
        _stamped = [.. Field(1, Encoding.ASCII.GetBytes(WatchedKey)), .. Field(2, value)];
        _txn = [.. Enumerable.Range(0, PutsInTxn).SelectMany(
            number => Field(3, Field(2, [.. Field(1, KeyOf(key, number)), .. Field(2, value)])))];
        _keepAlive = Varint(1, options.LeaseId);
        StampOffset = _stamped.Length - value.Length;
    }

    /// <summary>Puts in one txn.</summary>
    internal const int PutsInTxn = 10;

    private int StampOffset { get; }

    /// <summary>A WatchRequest that creates a watch of the fan-out's key.</summary>
    internal static byte[] CreateWatch() => Field(1, Field(1, Encoding.ASCII.GetBytes(WatchedKey)));

    internal ReadOnlySpan<byte> Put(int number) => WithKey(_put, number);

    internal ReadOnlySpan<byte> Range(int number) => WithKey(_range, number);

    /// <summary>A txn without a condition, of so many puts of always the same keys.</summary>
    internal ReadOnlySpan<byte> Txn => _txn;

    /// <summary>A LeaseKeepAliveRequest.</summary>
    internal ReadOnlySpan<byte> KeepAlive => _keepAlive;

    /// <summary>A put whose value begins with a moment.</summary>
    internal ReadOnlySpan<byte> Stamped(long moment)
    {
        BinaryPrimitives.WriteInt64LittleEndian(_stamped.AsSpan(StampOffset), moment);
        return _stamped;
    }

    // The key is field 1 of both: a tag, a length of one byte for keys up to 127 bytes, else two, and 'k'.
    private byte[] WithKey(byte[] message, int number)
    {
        int end = (_keyBytes > 127 ? 3 : 2) + _keyBytes;
        for (int index = end - 1; index > end - _keyBytes; index--)
        {
            message[index] = (byte)('0' + (number % 10));
            number /= 10;
        }

        return message;
    }

    private static byte[] KeyOf(byte[] key, int number) => [.. key.AsSpan(0, key.Length - 1), (byte)('0' + number)];

    private static byte[] Varint(int number, long value)
    {
        List<byte> field = [(byte)(number << 3)];
        for (ulong rest = (ulong)value; ; rest >>= 7)
        {
            field.Add((byte)(rest > 127 ? (rest & 127) | 128 : rest));
            if (rest <= 127)
            {
                return [.. field];
            }
        }
    }

    private static byte[] Field(int number, byte[] content)
    {
        List<byte> field = [(byte)((number << 3) | 2)];
        for (uint rest = (uint)content.Length; ; rest >>= 7)
        {
            field.Add((byte)(rest > 127 ? (rest & 127) | 128 : rest));
            if (rest <= 127)
            {
                return [.. field, .. content];
            }
        }
    }
}
