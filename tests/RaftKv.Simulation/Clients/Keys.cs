using System.Buffers.Binary;
using System.Buffers.Text;
using System.Text;

namespace RaftKv.Simulation.Clients;

/// <summary>The few keys that all clients fight over, and what stands in them.</summary>
internal static class Keys
{
    public const int RegisterCount = 4;
    public const int CounterCount = 2;
    public const int Count = RegisterCount + CounterCount;

    /// <summary>The key is not there.</summary>
    public const long Missing = long.MinValue;

    private static readonly byte[][] Names = Make();

    /// <summary>Name of key 0 to 3 (registers r0…), 4 and 5 (counters c0…).</summary>
    public static byte[] Name(int key) => Names[key];

    public static ReadOnlyMemory<byte> RegisterPrefix { get; } = "r"u8.ToArray();

    public static bool IsCounter(int key) => key >= RegisterCount;

    /// <summary>False for keys of leases, locks and the like.</summary>
    public static bool IsOne(ReadOnlySpan<byte> name) => name.Length == 2 && name[0] is (byte)'r' or (byte)'c';

    public static int IndexOf(ReadOnlySpan<byte> name) => name[1] - '0' + (name[0] == 'c' ? RegisterCount : 0);

    /// <summary>A register's value: the operation that wrote it, then filler.</summary>
    public static byte[] Value(long operationId, int bytes)
    {
        byte[] value = new byte[Math.Max(8, bytes)];
        BinaryPrimitives.WriteInt64LittleEndian(value, operationId);
        return value;
    }

    /// <summary>What a value stands for: the writer of a register, the number in a counter.</summary>
    public static long Meaning(int key, ReadOnlySpan<byte> value)
    {
        if (!IsCounter(key))
        {
            return BinaryPrimitives.ReadInt64LittleEndian(value);
        }

        Check.That(Utf8Parser.TryParse(value, out long number, out int used) && used == value.Length, "a counter holds a number");
        return number;
    }

    private static byte[][] Make()
    {
        byte[][] names = new byte[Count][];
        for (int i = 0; i < Count; i++)
        {
            names[i] = Encoding.ASCII.GetBytes(i < RegisterCount ? $"r{i}" : $"c{i - RegisterCount}");
        }

        return names;
    }
}
