using RaftKv.Core.Store.Commands;

namespace RaftKv.Core.Store.Rights;

/// <summary>Whether rights are in force, and how often users, roles or rights have changed.</summary>
/// <param name="Revision">From 1; as etcd's auth revision.</param>
public readonly record struct AccessState(bool IsEnabled, long Revision)
{
    /// <summary>That of a new cluster.</summary>
    public static AccessState Initial => new(false, 1);
}

/// <summary>A user.</summary>
/// <param name="CredentialRevision">Revision of the rights when the password was set last: what was handed out before is
/// void.</param>
/// <param name="PasswordHash">Empty for a user without a password.</param>
/// <param name="Roles">In byte order.</param>
public sealed record UserInfo(
    ReadOnlyMemory<byte> Name, long CredentialRevision, ReadOnlyMemory<byte> PasswordHash, IReadOnlyList<ReadOnlyMemory<byte>> Roles);

/// <summary>A role.</summary>
/// <param name="Grants">By their first key.</param>
public sealed record RoleInfo(ReadOnlyMemory<byte> Name, OperationRights Operations, IReadOnlyList<RoleGrant> Grants);

/// <summary>A token that a user may show instead of a password.</summary>
/// <param name="SecretHash">SHA-256 of the part that is secret.</param>
/// <param name="ExpiresMs">Unix time; 0 for never.</param>
public sealed record TokenInfo(
    ReadOnlyMemory<byte> Id, ReadOnlyMemory<byte> User, ReadOnlyMemory<byte> SecretHash, long CreatedMs, long ExpiresMs,
    ReadOnlyMemory<byte> Label);
