namespace RaftKv.Core.Store.Commands;

/// <summary>The first byte of a change of access. The values are in the log.</summary>
internal enum AccessKind : byte
{
    Enable = 1,
    Disable = 2,
    AddUser = 3,
    RemoveUser = 4,
    SetPassword = 5,
    GrantRole = 6,
    RevokeRole = 7,
    AddRole = 8,
    RemoveRole = 9,
    GrantKeys = 10,
    RevokeKeys = 11,
    SetOperations = 12,
    AddToken = 13,
    RemoveToken = 14,
}

/// <summary>What writer and reader of changes of access agree on.</summary>
internal static class AccessKinds
{
    /// <summary>The kind of a change.</summary>
    public static AccessKind Of(AccessChange change) => change switch
    {
        EnableAccess => AccessKind.Enable,
        DisableAccess => AccessKind.Disable,
        AddUser => AccessKind.AddUser,
        RemoveUser => AccessKind.RemoveUser,
        SetPassword => AccessKind.SetPassword,
        GrantRole => AccessKind.GrantRole,
        RevokeRole => AccessKind.RevokeRole,
        AddRole => AccessKind.AddRole,
        RemoveRole => AccessKind.RemoveRole,
        GrantKeys => AccessKind.GrantKeys,
        RevokeKeys => AccessKind.RevokeKeys,
        SetOperations => AccessKind.SetOperations,
        AddToken => AccessKind.AddToken,
        RemoveToken => AccessKind.RemoveToken,
        _ => Check.Unreachable<AccessKind>(change),
    };

    /// <summary>True for rights that can be granted: at least one, and no unknown one.</summary>
    public static bool IsGrant(KeyRights rights) => rights != KeyRights.None && (rights & ~KeyRights.All) == 0;
}
