using RaftKv.Core.Disk.Device;

namespace RaftKv.Core.Tests.Disk;

/// <summary>The checksum is the standard one, so that readers outside can compute it.</summary>
public sealed class Crc32CTests
{
    [Fact]
    public void The_check_values_of_rfc_3720_hold()
    {
        byte[] ascending = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];

        Assert.Equal(0xE3069283u, Crc32C.Append(0, "123456789"u8));
        Assert.Equal(0x8A9136AAu, Crc32C.Append(0, new byte[32]));
        Assert.Equal(0x46DD794Eu, Crc32C.Append(0, ascending));
        Assert.Equal(0u, Crc32C.Append(0, []));
    }

    [Fact]
    public void Wherever_the_bytes_are_split_the_checksum_is_the_same_and_equals_the_bitwise_one()
    {
        byte[] bytes = [.. Enumerable.Range(0, 67).Select(i => (byte)((i * 37) + 11))];
        uint expected = Bitwise(bytes);
        for (int split = 0; split <= bytes.Length; split++)
        {
            Assert.Equal(expected, Crc32C.Append(Crc32C.Append(0, bytes.AsSpan(0, split)), bytes.AsSpan(split)));
        }
    }

    private static uint Bitwise(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in bytes)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ ((crc & 1) * 0x82F63B78u);
            }
        }

        return ~crc;
    }
}
