using System.Buffers.Binary;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.SystemRecords;

namespace RaftKv.Core.Store.Rights;

/// <summary>
/// Users, roles, rights and tokens as commands change them, with etcd's rules of what may be done when. Used by the
/// applying thread.
/// </summary>
internal sealed class AccessTable
{
    // Rights of those who asked lately, for one revision of them; so few that looking through them is the cheapest.
    private const int MaxKnown = 64;

    private readonly SystemTree _tree;
    private readonly SortedDictionary<ReadOnlyMemory<byte>, UserRights> _known = new(ByteOrder.Instance);

    public AccessTable(SystemTree tree)
    {
        _tree = tree;
        State = AccessRecords.StateIn(tree.Root);
    }

    /// <summary>Whether rights are in force, and their revision.</summary>
    public AccessState State { get; private set; }

    /// <summary>True while everything is asked for its right.</summary>
    public bool IsEnabled => State.IsEnabled;

    /// <summary>All that a principal may do now.</summary>
    public UserRights RightsOf(ReadOnlyMemory<byte> principal)
    {
        if (_known.TryGetValue(principal, out UserRights? rights))
        {
            return rights;
        }

        rights = AccessRecords.RightsOf(_tree.Root, principal);
        if (_known.Count >= MaxKnown)
        {
            _known.Clear();
        }

        // The command's bytes are kept alive by nobody else.
        _known.Add(principal.ToArray(), rights);
        return rights;
    }

    /// <summary>The token of an id; null when there is none.</summary>
    public TokenInfo? FindToken(ReadOnlyMemory<byte> id) => AccessRecords.FindToken(_tree.Root, id.Span);

    /// <summary>Makes a change. Anything but Ok changed nothing.</summary>
    public CommandStatus Change(AccessChange change)
    {
        // What repeats a state that is there moves no revision, as in etcd.
        if ((change is EnableAccess && IsEnabled) || (change is DisableAccess && !IsEnabled))
        {
            return CommandStatus.Ok;
        }

        CommandStatus status = change switch
        {
            EnableAccess => Enable(),
            DisableAccess => CommandStatus.Ok,
            AddUser add => Add(add),
            RemoveUser remove => Remove(remove),
            SetPassword set => Set(set),
            GrantRole grant => Grant(grant),
            RevokeRole revoke => Revoke(revoke),
            AddRole add => Add(add),
            RemoveRole remove => Remove(remove),
            GrantKeys grant => Grant(grant),
            RevokeKeys revoke => _tree.Remove(AccessRecords.GrantKey(revoke.Role.Span, revoke.Keys)) ? CommandStatus.Ok
                : HasRole(revoke.Role) ? CommandStatus.PermissionNotGranted : CommandStatus.RoleNotFound,
            SetOperations set => Set(set),
            AddToken add => Add(add),
            RemoveToken remove => _tree.Remove(AccessRecords.TokenKey(remove.Id.Span)) ? CommandStatus.Ok : CommandStatus.TokenNotFound,
            _ => Check.Unreachable<CommandStatus>(change),
        };
        if (status == CommandStatus.Ok)
        {
            Note(new AccessState(change is not DisableAccess && (change is EnableAccess || IsEnabled), State.Revision + 1));
        }

        return status;
    }

    private void Note(AccessState state)
    {
        State = state;
        _known.Clear();
        _tree.Set(AccessRecords.StateKey, AccessRecords.BytesOf(state));
    }

    private CommandStatus Enable() =>
        FindUser(Principals.Root) is not { } root ? CommandStatus.RootUserMissing
        : IndexOf(root.Roles, Principals.Root) < 0 ? CommandStatus.RootRoleMissing
        : CommandStatus.Ok;

    private CommandStatus Add(AddUser add)
    {
        if (FindUser(add.Name) is not null)
        {
            return CommandStatus.UserExists;
        }

        if (AccessRecords.CountIn(_tree.Root, AccessRecords.UserPrefix) >= KvLimits.MaxUsers)
        {
            return CommandStatus.Overloaded;
        }

        Write(new UserInfo(add.Name, State.Revision + 1, add.PasswordHash, []));
        return CommandStatus.Ok;
    }

    private CommandStatus Remove(RemoveUser remove)
    {
        if (IsEnabled && IsRoot(remove.Name))
        {
            return CommandStatus.RootNeeded;
        }

        if (!_tree.Remove(AccessRecords.UserKey(remove.Name.Span)))
        {
            return CommandStatus.UserNotFound;
        }

        foreach (TokenInfo token in AccessRecords.ListTokens(_tree.Root))
        {
            if (token.User.Span.SequenceEqual(remove.Name.Span))
            {
                _tree.Remove(AccessRecords.TokenKey(token.Id.Span));
            }
        }

        return CommandStatus.Ok;
    }

    private CommandStatus Set(SetPassword set)
    {
        if (FindUser(set.Name) is not { } user)
        {
            return CommandStatus.UserNotFound;
        }

        Write(user with { CredentialRevision = State.Revision + 1, PasswordHash = set.PasswordHash });
        return CommandStatus.Ok;
    }

    // As etcd has it, root can be given its role before anybody made that.
    private CommandStatus Grant(GrantRole grant)
    {
        if (FindUser(grant.User) is not { } user)
        {
            return CommandStatus.UserNotFound;
        }

        if (!IsRoot(grant.Role) && !HasRole(grant.Role))
        {
            return CommandStatus.RoleNotFound;
        }

        if (IndexOf(user.Roles, grant.Role) >= 0)
        {
            return CommandStatus.Ok;
        }

        if (user.Roles.Count >= KvLimits.MaxRolesOfUser)
        {
            return CommandStatus.Overloaded;
        }

        List<ReadOnlyMemory<byte>> roles = [.. user.Roles, grant.Role];
        roles.Sort(ByteOrder.Instance);
        Write(user with { Roles = roles });
        return CommandStatus.Ok;
    }

    private CommandStatus Revoke(RevokeRole revoke)
    {
        if (IsEnabled && IsRoot(revoke.User) && IsRoot(revoke.Role))
        {
            return CommandStatus.RootNeeded;
        }

        if (FindUser(revoke.User) is not { } user)
        {
            return CommandStatus.UserNotFound;
        }

        if (IndexOf(user.Roles, revoke.Role) < 0)
        {
            return CommandStatus.RoleNotGranted;
        }

        Write(Without(user, revoke.Role));
        return CommandStatus.Ok;
    }

    private CommandStatus Add(AddRole add)
    {
        if (HasRole(add.Name))
        {
            return CommandStatus.RoleExists;
        }

        if (AccessRecords.CountIn(_tree.Root, AccessRecords.RolePrefix) >= KvLimits.MaxRoles)
        {
            return CommandStatus.Overloaded;
        }

        _tree.Set(AccessRecords.RoleKey(add.Name.Span), BytesOf(OperationRights.None));
        return CommandStatus.Ok;
    }

    private CommandStatus Remove(RemoveRole remove)
    {
        if (IsEnabled && IsRoot(remove.Name))
        {
            return CommandStatus.RootNeeded;
        }

        if (!_tree.Remove(AccessRecords.RoleKey(remove.Name.Span)))
        {
            return CommandStatus.RoleNotFound;
        }

        foreach (RoleGrant grant in AccessRecords.GrantsOf(_tree.Root, remove.Name.Span))
        {
            _tree.Remove(AccessRecords.GrantKey(remove.Name.Span, grant.Keys));
        }

        foreach (UserInfo user in AccessRecords.ListUsers(_tree.Root))
        {
            if (IndexOf(user.Roles, remove.Name) >= 0)
            {
                Write(Without(user, remove.Name));
            }
        }

        return CommandStatus.Ok;
    }

    private CommandStatus Grant(GrantKeys grant)
    {
        if (!HasRole(grant.Role))
        {
            return CommandStatus.RoleNotFound;
        }

        byte[] key = AccessRecords.GrantKey(grant.Role.Span, grant.Keys);
        byte[] prefix = AccessRecords.GrantPrefix(grant.Role.Span);
        if (_tree.Find(key) is null && AccessRecords.CountIn(_tree.Root, prefix) >= KvLimits.MaxGrantsOfRole)
        {
            return CommandStatus.Overloaded;
        }

        _tree.Set(key, [(byte)grant.Rights]);
        return CommandStatus.Ok;
    }

    private CommandStatus Set(SetOperations set)
    {
        if (!HasRole(set.Role))
        {
            return CommandStatus.RoleNotFound;
        }

        _tree.Set(AccessRecords.RoleKey(set.Role.Span), BytesOf(set.Operations));
        return CommandStatus.Ok;
    }

    private CommandStatus Add(AddToken add)
    {
        if (FindUser(add.User) is null)
        {
            return CommandStatus.UserNotFound;
        }

        byte[] key = AccessRecords.TokenKey(add.Id.Span);
        // An id is random: one that is taken is as good as no room.
        if (_tree.Find(key) is not null || AccessRecords.CountIn(_tree.Root, AccessRecords.TokenPrefix) >= KvLimits.MaxTokens)
        {
            return CommandStatus.Overloaded;
        }

        _tree.Set(key, AccessRecords.BytesOf(add));
        return CommandStatus.Ok;
    }

    private UserInfo? FindUser(ReadOnlyMemory<byte> name) => AccessRecords.FindUser(_tree.Root, name.Span);

    private bool HasRole(ReadOnlyMemory<byte> name) => _tree.Find(AccessRecords.RoleKey(name.Span)) is not null;

    private void Write(UserInfo user) => _tree.Set(AccessRecords.UserKey(user.Name.Span), AccessRecords.BytesOf(user));

    private static bool IsRoot(ReadOnlyMemory<byte> name) => name.Span.SequenceEqual(Principals.Root.Span);

    private static UserInfo Without(UserInfo user, ReadOnlyMemory<byte> role)
    {
        List<ReadOnlyMemory<byte>> roles = [.. user.Roles];
        roles.RemoveAt(IndexOf(roles, role));
        return user with { Roles = roles };
    }

    private static int IndexOf(IReadOnlyList<ReadOnlyMemory<byte>> names, ReadOnlyMemory<byte> name)
    {
        for (int i = 0; i < names.Count; i++)
        {
            if (names[i].Span.SequenceEqual(name.Span))
            {
                return i;
            }
        }

        return -1;
    }

    private static byte[] BytesOf(OperationRights operations)
    {
        byte[] value = new byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16LittleEndian(value, (ushort)operations);
        return value;
    }
}
