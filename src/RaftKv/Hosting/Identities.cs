using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using RaftKv.Core.Identity;

namespace RaftKv.Hosting;

/// <summary>
/// The numbers that name a directory, a list and a cluster. A directory's is drawn; the others follow from what all who
/// found a cluster know, so that all agree.
/// </summary>
internal static class Identities
{
    /// <summary>First 8 bytes (big-endian, never 0) of SHA-256 over the lines "name=url" in ordinal order.</summary>
    public static ulong ListDigestOf(IEnumerable<string> members) => DigestOf(members);

    /// <summary>
    /// First 8 bytes (big-endian, never 0) of SHA-256 over the lines "name=instance" in ordinal order, the instance in 16
    /// hex digits: as random as the instances are.
    /// </summary>
    public static ulong ClusterIdOf(FoundingRoll roll) => DigestOf(roll.Seats.Select(static seat => $"{seat.Name}={seat.Instance}"));

    /// <summary>A number that no other start of any node has: 64 random bits, never 0.</summary>
    public static ulong RandomId()
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        ulong id;
        do
        {
            RandomNumberGenerator.Fill(bytes);
            id = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        }
        while (id == 0);

        return id;
    }

    private static ulong DigestOf(IEnumerable<string> members)
    {
        string[] lines = [.. members];
        Array.Sort(lines, StringComparer.Ordinal);
        return FirstBytes(string.Join('\n', lines));
    }

    private static ulong FirstBytes(string text)
    {
        byte[] digest = SHA256.HashData(Encoding.UTF8.GetBytes(text));
        ulong first = BinaryPrimitives.ReadUInt64BigEndian(digest);
        return first == 0 ? 1 : first;
    }
}
