using RaftKv.Core.Store.Rights;

namespace RaftKv.Core.Store;

public sealed partial class StoreView
{
    /// <summary>Whether rights are in force in this view, and their revision.</summary>
    public AccessState Access => Records.Access;

    /// <summary>
    /// All that a principal may do, by this view; empty for somebody who says nothing of himself. Made anew with each call:
    /// keep it as long as the revision of the rights stays.
    /// </summary>
    public UserRights RightsOf(ReadOnlyMemory<byte> principal) => AccessRecords.RightsOf(Records.Root, principal);

    /// <summary>A user; null when there is none of this name.</summary>
    public UserInfo? GetUser(ReadOnlySpan<byte> name) => AccessRecords.FindUser(Records.Root, name);

    /// <summary>A role; null when there is none of this name.</summary>
    public RoleInfo? GetRole(ReadOnlySpan<byte> name) => AccessRecords.FindRole(Records.Root, name);

    /// <summary>A token; null when there is none of this id.</summary>
    public TokenInfo? GetToken(ReadOnlySpan<byte> id) => AccessRecords.FindToken(Records.Root, id);

    /// <summary>All users, by name; at most <see cref="Commands.KvLimits.MaxUsers"/>.</summary>
    public IReadOnlyList<UserInfo> ListUsers() => AccessRecords.ListUsers(Records.Root);

    /// <summary>The names of all roles, in byte order; at most <see cref="Commands.KvLimits.MaxRoles"/>.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> ListRoles() => AccessRecords.ListRoles(Records.Root);

    /// <summary>All tokens, by id; at most <see cref="Commands.KvLimits.MaxTokens"/>.</summary>
    public IReadOnlyList<TokenInfo> ListTokens() => AccessRecords.ListTokens(Records.Root);
}
