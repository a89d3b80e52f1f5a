using System.Buffers.Binary;
using RaftKv.JepsenStyle.Cluster;
using RaftKv.JepsenStyle.Nemeses;

namespace RaftKv.JepsenStyle.Tests;

/// <summary>Each kind of damage changes the file, leaves the end of the log alone, and can be undone.</summary>
public sealed class DamageTests
{
    private const int LogBytes = 64 * 1024;

    [Theory]
    [InlineData(0, "flip")]
    [InlineData(1, "zero")]
    [InlineData(2, "stale")]
    [InlineData(3, "cut")]
    public void A_damage_is_of_its_kind_and_can_be_undone(int turn, string kind)
    {
        using var directory = new TemporaryDirectory();
        using ServerProcess node = Node(directory.Path);
        for (int seed = 0; seed < 50; seed++)
        {
            byte[] whole = Log();
            string file = Path.Combine(node.DataDirectory, "raft", "wal-0000000000000001.log");
            File.WriteAllBytes(file, whole);

            Damage damage = Damage.Make(node, new Random(seed), turn)!;

            byte[] spoiled = File.ReadAllBytes(file);
            int first = spoiled.AsSpan().CommonPrefixLength(whole);
            Assert.Equal(kind, damage.Kind);
            Assert.InRange(first, 0, (LogBytes / 2) + 512);
            Assert.Equal(kind == "cut", spoiled.Length < whole.Length);
            Assert.True(kind == "cut" || spoiled.AsSpan((LogBytes / 2) + 512).SequenceEqual(whole.AsSpan((LogBytes / 2) + 512)));
            damage.Undo();
            Assert.Equal(whole, File.ReadAllBytes(file));
        }

        directory.Forget();
    }

    [Fact]
    public void A_log_with_little_in_it_is_left_alone()
    {
        using var directory = new TemporaryDirectory();
        using ServerProcess node = Node(directory.Path);
        File.WriteAllBytes(Path.Combine(node.DataDirectory, "raft", "wal-0000000000000001.log"), new byte[LogBytes]);

        Assert.Null(Damage.Make(node, new Random(1), 0));
        directory.Forget();
    }

    private static ServerProcess Node(string directory)
    {
        string data = Path.Combine(directory, "n1");
        Directory.CreateDirectory(Path.Combine(data, "raft"));
        return new ServerProcess("n1", 1, data, Path.Combine(directory, "n1.log"), []);
    }

    /// <summary>A segment full of records of 1 KiB, as far as their headers are looked at here.</summary>
    private static byte[] Log()
    {
        byte[] bytes = new byte[LogBytes];
        new Random(1).NextBytes(bytes);
        for (int at = 128; at + 32 <= bytes.Length; at += 1024)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(at + 4), 1024 - 32);
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(at + 16), 1);
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(at + 20), (uint)(at / 8));
        }

        return bytes;
    }
}
