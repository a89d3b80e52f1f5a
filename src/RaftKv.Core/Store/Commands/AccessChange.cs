namespace RaftKv.Core.Store.Commands;

/// <summary>What may be done with keys of a range; in the log. A set.</summary>
[Flags]
public enum KeyRights : byte
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>To read: now, at old revisions and as history, in compares, and as previous values.</summary>
    Read = 1,

    /// <summary>To put, delete and count, and to attach to leases.</summary>
    Write = 2,

    /// <summary>To be told of changes.</summary>
    Watch = 4,

    /// <summary>To take and see locks, semaphores and elections whose names are in the range.</summary>
    Lock = 8,

    /// <summary>All of them.</summary>
    All = 15,
}

/// <summary>What may be done besides keys; in the log. A set.</summary>
[Flags]
public enum OperationRights : ushort
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>To grant, renew, revoke and list leases. Who may write or lock anything may do so anyway.</summary>
    Lease = 1,

    /// <summary>To compact.</summary>
    Compact = 2,

    /// <summary>To change members, and who leads.</summary>
    Members = 4,

    /// <summary>To copy the whole store: snapshots and backups.</summary>
    Backup = 8,

    /// <summary>To see, raise and clear alarms.</summary>
    Alarms = 16,

    /// <summary>To open the dashboard.</summary>
    Dashboard = 32,

    /// <summary>To read metrics.</summary>
    Metrics = 64,

    /// <summary>To see and set quotas and guards.</summary>
    Limits = 128,

    /// <summary>All of them.</summary>
    All = 255,
}

/// <summary>A change of users, roles, rights or tokens; a closed set.</summary>
public abstract record AccessChange
{
    private protected AccessChange()
    {
    }
}

/// <summary>From now on every command and call needs its right. The user root must have the role root.</summary>
public sealed record EnableAccess : AccessChange;

/// <summary>From now on everybody may do everything; users and roles stay.</summary>
public sealed record DisableAccess : AccessChange;

/// <summary>Makes a user without roles.</summary>
/// <param name="Name">1 to <see cref="KvLimits.MaxPrincipalBytes"/> bytes without a zero.</param>
/// <param name="PasswordHash">What <c>PasswordHash</c> of the server made of the password; empty for none.</param>
public sealed record AddUser(ReadOnlyMemory<byte> Name, ReadOnlyMemory<byte> PasswordHash) : AccessChange;

/// <summary>Removes a user, and with it all its tokens.</summary>
public sealed record RemoveUser(ReadOnlyMemory<byte> Name) : AccessChange;

/// <summary>Sets a user's password; what was handed out for the old one is void.</summary>
public sealed record SetPassword(ReadOnlyMemory<byte> Name, ReadOnlyMemory<byte> PasswordHash) : AccessChange;

/// <summary>Gives a user a role. A second time is fine.</summary>
public sealed record GrantRole(ReadOnlyMemory<byte> User, ReadOnlyMemory<byte> Role) : AccessChange;

/// <summary>Takes a role from a user.</summary>
public sealed record RevokeRole(ReadOnlyMemory<byte> User, ReadOnlyMemory<byte> Role) : AccessChange;

/// <summary>Makes a role without rights.</summary>
public sealed record AddRole(ReadOnlyMemory<byte> Name) : AccessChange;

/// <summary>Removes a role, also from all users.</summary>
public sealed record RemoveRole(ReadOnlyMemory<byte> Name) : AccessChange;

/// <summary>Gives a role rights over keys; replaces what it had over exactly this range.</summary>
/// <param name="Keys">Its bounds have at most <see cref="KvLimits.MaxGrantKeyBytes"/> bytes each.</param>
/// <param name="Rights">At least one.</param>
public sealed record GrantKeys(ReadOnlyMemory<byte> Role, KeyRange Keys, KeyRights Rights) : AccessChange;

/// <summary>Takes from a role what it has over exactly this range.</summary>
public sealed record RevokeKeys(ReadOnlyMemory<byte> Role, KeyRange Keys) : AccessChange;

/// <summary>Sets which operations a role allows.</summary>
public sealed record SetOperations(ReadOnlyMemory<byte> Role, OperationRights Operations) : AccessChange;

/// <summary>Makes a token by which its bearer is a user, until it is removed or over.</summary>
/// <param name="Id">16 bytes, which are no secret.</param>
/// <param name="SecretHash">SHA-256 of the secret part.</param>
/// <param name="CreatedMs">Unix time by the door's clock.</param>
/// <param name="ExpiresMs">Unix time from which on doors refuse it; 0 for never.</param>
/// <param name="Label">For people; at most 255 bytes.</param>
public sealed record AddToken(
    ReadOnlyMemory<byte> Id, ReadOnlyMemory<byte> User, ReadOnlyMemory<byte> SecretHash, long CreatedMs, long ExpiresMs,
    ReadOnlyMemory<byte> Label) : AccessChange;

/// <summary>Removes a token.</summary>
public sealed record RemoveToken(ReadOnlyMemory<byte> Id) : AccessChange;
