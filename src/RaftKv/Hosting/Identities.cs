using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using RaftKv.Core;

namespace RaftKv.Hosting;

/// <summary>
/// Ids that every node can work out from the cluster list alone, so that all agree without asking each other. They are
/// fixed at the first start and kept in the data directory.
/// </summary>
internal static class Identities
{
    /// <summary>First 8 bytes (big-endian, never 0) of SHA-256 over the lines "name=url" in ordinal order.</summary>
    public static ulong ClusterIdOf(IEnumerable<NamedUrl> cluster)
    {
        string[] lines = [.. cluster.Select(member => $"{member.Name}={member.Url}")];
        Array.Sort(lines, StringComparer.Ordinal);
        return FirstBytes(string.Join('\n', lines));
    }



    /// <summary>
    /// First 8 bytes (big-endian, never 0) of SHA-256 over the cluster's id in 16 hex digits, a slash and the name.
    /// </summary>
    public static NodeId NodeIdOf(ulong clusterId, string name) => new(FirstBytes($"{clusterId:x16}/{name}"));

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

    private static ulong FirstBytes(string text)
    {
        byte[] digest = SHA256.HashData(Encoding.UTF8.GetBytes(text));
        ulong first = BinaryPrimitives.ReadUInt64BigEndian(digest);
        return first == 0 ? 1 : first;
    }
}
