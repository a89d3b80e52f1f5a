namespace RaftKv.Core.Store.Commands;

/// <summary>Names of those who ask: users, roles, and the cluster itself.</summary>
public static class Principals
{
    /// <summary>The cluster itself, in commands that its nodes propose and that clients could ask for too. No user's name.</summary>
    public static ReadOnlyMemory<byte> Cluster { get; } = new byte[] { 0 };

    /// <summary>The user, and the role, that may do everything.</summary>
    public static ReadOnlyMemory<byte> Root { get; } = "root"u8.ToArray();

    /// <summary>The role of callers who say nothing of themselves; until it is made they may do nothing.</summary>
    public static ReadOnlyMemory<byte> AnonymousRole { get; } = "system:anonymous"u8.ToArray();

    /// <summary>True when a user or role may have the name: 1 to <see cref="KvLimits.MaxPrincipalBytes"/> bytes, none zero.</summary>
    public static bool IsName(ReadOnlySpan<byte> name) => name.Length is >= 1 and <= KvLimits.MaxPrincipalBytes && !name.Contains((byte)0);

    /// <summary>True for the cluster itself.</summary>
    public static bool IsCluster(ReadOnlyMemory<byte> principal) => principal.Span.SequenceEqual(Cluster.Span);
}
