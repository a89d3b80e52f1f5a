using System.Buffers.Binary;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.SystemRecords;
using RaftKv.Core.Store.Tree;

namespace RaftKv.Core.Store.Rights;

/// <summary>
/// Users, roles, rights and tokens in a root of the system tree, and the bytes of their records. Any thread.
/// docs/snapshot-format.md draws them.
/// </summary>
internal static class AccessRecords
{
    private const byte Users = (byte)'u';
    private const byte Roles = (byte)'r';
    private const byte Grants = (byte)'g';
    private const byte Tokens = (byte)'t';

    /// <summary>Where it stands whether rights are in force, and their revision.</summary>
    public static ReadOnlySpan<byte> StateKey => [SystemKeys.Access, (byte)'e'];

    /// <summary>What all records of users begin with.</summary>
    public static ReadOnlySpan<byte> UserPrefix => [SystemKeys.Access, Users];

    /// <summary>What all records of roles begin with.</summary>
    public static ReadOnlySpan<byte> RolePrefix => [SystemKeys.Access, Roles];

    /// <summary>What all records of tokens begin with.</summary>
    public static ReadOnlySpan<byte> TokenPrefix => [SystemKeys.Access, Tokens];

    /// <summary>Key of a user's record.</summary>
    public static byte[] UserKey(ReadOnlySpan<byte> name) => [SystemKeys.Access, Users, .. name];

    /// <summary>Key of a role's record.</summary>
    public static byte[] RoleKey(ReadOnlySpan<byte> name) => [SystemKeys.Access, Roles, .. name];

    /// <summary>Key of a token's record.</summary>
    public static byte[] TokenKey(ReadOnlySpan<byte> id) => [SystemKeys.Access, Tokens, .. id];

    /// <summary>What the keys of all grants of a role begin with.</summary>
    public static byte[] GrantPrefix(ReadOnlySpan<byte> role) => [SystemKeys.Access, Grants, (byte)role.Length, .. role];

    /// <summary>Key of what a role grants over a range.</summary>
    public static byte[] GrantKey(ReadOnlySpan<byte> role, KeyRange keys)
    {
        byte[] prefix = GrantPrefix(role);
        byte[] key = new byte[prefix.Length + 1 + sizeof(ushort) + keys.Start.Length + keys.End.Length];
        prefix.CopyTo(key, 0);
        key[prefix.Length] = (byte)keys.Kind;
        BinaryPrimitives.WriteUInt16BigEndian(key.AsSpan(prefix.Length + 1), (ushort)keys.Start.Length);
        keys.Start.CopyTo(key.AsMemory(prefix.Length + 1 + sizeof(ushort)));
        keys.End.CopyTo(key.AsMemory(key.Length - keys.End.Length));
        return key;
    }

    /// <summary>Whether rights are in force, and their revision.</summary>
    public static AccessState StateIn(KeyTreeNode root) => KeyTree.Find(root, StateKey) is KeyValue record
        ? new AccessState(record.ValueSpan[0] == 1, BinaryPrimitives.ReadInt64LittleEndian(record.ValueSpan[1..]))
        : AccessState.Initial;

    /// <summary>The record of the state.</summary>
    public static byte[] BytesOf(AccessState state)
    {
        byte[] value = new byte[1 + sizeof(long)];
        value[0] = state.IsEnabled ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteInt64LittleEndian(value.AsSpan(1), state.Revision);
        return value;
    }

    /// <summary>A user; null when there is none of this name.</summary>
    public static UserInfo? FindUser(KeyTreeNode root, ReadOnlySpan<byte> name) =>
        name.Length > 0 && KeyTree.Find(root, UserKey(name)) is KeyValue record ? UserIn(record) : null;

    /// <summary>A role without its grants; null when there is none of this name.</summary>
    public static RoleInfo? FindRole(KeyTreeNode root, ReadOnlySpan<byte> name) =>
        name.Length > 0 && KeyTree.Find(root, RoleKey(name)) is KeyValue record
            ? new RoleInfo(
                record.Key[RolePrefix.Length..], (OperationRights)BinaryPrimitives.ReadUInt16LittleEndian(record.ValueSpan),
                GrantsOf(root, name))
            : null;

    /// <summary>A token; null when there is none of this id.</summary>
    public static TokenInfo? FindToken(KeyTreeNode root, ReadOnlySpan<byte> id) =>
        id.Length == KvLimits.TokenIdBytes && KeyTree.Find(root, TokenKey(id)) is KeyValue record ? TokenIn(record) : null;

    /// <summary>All users, by name.</summary>
    public static List<UserInfo> ListUsers(KeyTreeNode root) => SystemTree.List(root, UserPrefix, UserIn);

    /// <summary>The names of all roles, in byte order.</summary>
    public static List<ReadOnlyMemory<byte>> ListRoles(KeyTreeNode root) =>
        SystemTree.List(root, RolePrefix, static record => record.Key[RolePrefix.Length..]);

    /// <summary>All tokens, by id.</summary>
    public static List<TokenInfo> ListTokens(KeyTreeNode root) => SystemTree.List(root, TokenPrefix, TokenIn);

    /// <summary>What a role grants, by the first key.</summary>
    public static List<RoleGrant> GrantsOf(KeyTreeNode root, ReadOnlySpan<byte> role)
    {
        byte[] prefix = GrantPrefix(role);
        List<RoleGrant> grants = SystemTree.List(root, prefix, record => GrantIn(record, prefix.Length));
        grants.Sort(static (a, b) => Compare(a.Keys, b.Keys));
        return grants;
    }

    /// <summary>How many records begin so.</summary>
    public static long CountIn(KeyTreeNode root, ReadOnlySpan<byte> prefix)
    {
        KeyRange range = KeyRange.Prefix(prefix.ToArray());
        return KeyTree.CountLiveBefore(root, range.End.Span) - KeyTree.CountLiveBefore(root, range.Start.Span);
    }

    /// <summary>All that a principal may do; empty for somebody who says nothing of himself.</summary>
    public static UserRights RightsOf(KeyTreeNode root, ReadOnlyMemory<byte> principal)
    {
        if (Principals.IsCluster(principal))
        {
            return UserRights.Everything;
        }

        UserInfo? user = FindUser(root, principal.Span);
        if (user is null && !principal.IsEmpty)
        {
            return UserRights.None;
        }

        IReadOnlyList<ReadOnlyMemory<byte>> roles = user?.Roles ?? [Principals.AnonymousRole];
        OperationRights operations = OperationRights.None;
        List<RoleGrant> grants = [];
        foreach (ReadOnlyMemory<byte> name in roles)
        {
            if (user is not null && name.Span.SequenceEqual(Principals.Root.Span))
            {
                return UserRights.Everything;
            }

            if (FindRole(root, name.Span) is { } role)
            {
                operations |= role.Operations;
                grants.AddRange(role.Grants);
            }
        }

        return new UserRights(user is not null, isRoot: false, operations, grants);
    }

    /// <summary>The record of a user.</summary>
    public static byte[] BytesOf(UserInfo user)
    {
        int length = sizeof(long) + sizeof(ushort) + user.PasswordHash.Length + 1;
        foreach (ReadOnlyMemory<byte> role in user.Roles)
        {
            length += 1 + role.Length;
        }

        byte[] value = new byte[length];
        BinaryPrimitives.WriteInt64LittleEndian(value, user.CredentialRevision);
        BinaryPrimitives.WriteUInt16LittleEndian(value.AsSpan(sizeof(long)), (ushort)user.PasswordHash.Length);
        int at = sizeof(long) + sizeof(ushort);
        user.PasswordHash.CopyTo(value.AsMemory(at));
        at += user.PasswordHash.Length;
        value[at++] = (byte)user.Roles.Count;
        foreach (ReadOnlyMemory<byte> role in user.Roles)
        {
            value[at++] = (byte)role.Length;
            role.CopyTo(value.AsMemory(at));
            at += role.Length;
        }

        return value;
    }

    /// <summary>The record of a token.</summary>
    public static byte[] BytesOf(AddToken token)
    {
        int fixedBytes = (2 * sizeof(long)) + KvLimits.TokenHashBytes;
        byte[] value = new byte[fixedBytes + 1 + token.User.Length + token.Label.Length];
        BinaryPrimitives.WriteInt64LittleEndian(value, token.CreatedMs);
        BinaryPrimitives.WriteInt64LittleEndian(value.AsSpan(sizeof(long)), token.ExpiresMs);
        token.SecretHash.CopyTo(value.AsMemory(2 * sizeof(long)));
        value[fixedBytes] = (byte)token.User.Length;
        token.User.CopyTo(value.AsMemory(fixedBytes + 1));
        token.Label.CopyTo(value.AsMemory(fixedBytes + 1 + token.User.Length));
        return value;
    }

    private static UserInfo UserIn(KeyValue record)
    {
        ReadOnlyMemory<byte> value = record.Value;
        long revision = BinaryPrimitives.ReadInt64LittleEndian(value.Span);
        int hashLength = BinaryPrimitives.ReadUInt16LittleEndian(value.Span[sizeof(long)..]);
        int at = sizeof(long) + sizeof(ushort);
        ReadOnlyMemory<byte> hash = value.Slice(at, hashLength);
        at += hashLength;
        var roles = new ReadOnlyMemory<byte>[value.Span[at++]];
        for (int i = 0; i < roles.Length; i++)
        {
            int length = value.Span[at++];
            roles[i] = value.Slice(at, length);
            at += length;
        }

        return new UserInfo(record.Key[UserPrefix.Length..], revision, hash, roles);
    }

    private static TokenInfo TokenIn(KeyValue record)
    {
        int fixedBytes = (2 * sizeof(long)) + KvLimits.TokenHashBytes;
        ReadOnlyMemory<byte> value = record.Value;
        int userLength = value.Span[fixedBytes];
        return new TokenInfo(
            record.Key[TokenPrefix.Length..], value.Slice(fixedBytes + 1, userLength),
            value.Slice(2 * sizeof(long), KvLimits.TokenHashBytes), BinaryPrimitives.ReadInt64LittleEndian(value.Span),
            BinaryPrimitives.ReadInt64LittleEndian(value.Span[sizeof(long)..]), value[(fixedBytes + 1 + userLength)..]);
    }

    private static RoleGrant GrantIn(KeyValue record, int prefixLength)
    {
        ReadOnlyMemory<byte> key = record.Key[prefixLength..];
        int startLength = BinaryPrimitives.ReadUInt16BigEndian(key.Span[1..]);
        ReadOnlyMemory<byte> start = key.Slice(1 + sizeof(ushort), startLength);
        KeyRange keys = (KeyRangeKind)key.Span[0] switch
        {
            KeyRangeKind.Single => KeyRange.Single(start),
            KeyRangeKind.From => KeyRange.From(start),
            _ => KeyRange.Between(start, key[(1 + sizeof(ushort) + startLength)..]),
        };
        return new RoleGrant(keys, (KeyRights)record.ValueSpan[0]);
    }

    private static int Compare(KeyRange a, KeyRange b)
    {
        int byStart = a.Start.Span.SequenceCompareTo(b.Start.Span);
        int byKind = byStart != 0 ? byStart : a.Kind.CompareTo(b.Kind);
        return byKind != 0 ? byKind : a.End.Span.SequenceCompareTo(b.End.Span);
    }
}
