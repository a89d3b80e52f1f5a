namespace RaftKv.Core.Store.Commands;

/// <remarks>Changes of users, roles, rights and tokens.</remarks>
internal partial struct KvCommandReader
{
    private AccessChange? ReadAccessChange() => (AccessKind)ReadByte() switch
    {
        AccessKind.Enable => new EnableAccess(),
        AccessKind.Disable => new DisableAccess(),
        AccessKind.AddUser => new AddUser(ReadName(), ReadHash()),
        AccessKind.RemoveUser => new RemoveUser(ReadName()),
        AccessKind.SetPassword => new SetPassword(ReadName(), ReadHash()),
        AccessKind.GrantRole => new GrantRole(ReadName(), ReadName()),
        AccessKind.RevokeRole => new RevokeRole(ReadName(), ReadName()),
        AccessKind.AddRole => new AddRole(ReadName()),
        AccessKind.RemoveRole => new RemoveRole(ReadName()),
        AccessKind.GrantKeys => ReadGrant(),
        AccessKind.RevokeKeys => new RevokeKeys(ReadName(), ReadGrantKeys()),
        AccessKind.SetOperations => ReadOperations(),
        AccessKind.AddToken => ReadAddToken(),
        AccessKind.RemoveToken => new RemoveToken(ReadBytes(KvLimits.TokenIdBytes)),
        _ => Bad(),
    };

    private AccessChange? Bad()
    {
        _isBad = true;
        return null;
    }

    private ReadOnlyMemory<byte> ReadName()
    {
        ReadOnlyMemory<byte> name = ReadShort();
        _isBad |= !Principals.IsName(name.Span);
        return name;
    }

    private ReadOnlyMemory<byte> ReadHash()
    {
        int length = ReadUInt16();
        _isBad |= length > KvLimits.MaxPasswordHashBytes;
        return ReadBytes(length);
    }

    private GrantKeys ReadGrant()
    {
        ReadOnlyMemory<byte> role = ReadName();
        KeyRights rights = (KeyRights)ReadByteUpTo((byte)KeyRights.All);
        _isBad |= !AccessKinds.IsGrant(rights);
        return new GrantKeys(role, ReadGrantKeys(), rights);
    }

    private KeyRange ReadGrantKeys()
    {
        KeyRange keys = ReadKeys();
        _isBad |= !AccessKeys.IsGrantable(keys);
        return keys;
    }

    private SetOperations ReadOperations()
    {
        ReadOnlyMemory<byte> role = ReadName();
        OperationRights operations = (OperationRights)ReadUInt16();
        _isBad |= (operations & ~OperationRights.All) != 0;
        return new SetOperations(role, operations);
    }

    private AddToken ReadAddToken()
    {
        ReadOnlyMemory<byte> id = ReadBytes(KvLimits.TokenIdBytes);
        ReadOnlyMemory<byte> user = ReadName();
        ReadOnlyMemory<byte> hash = ReadBytes(KvLimits.TokenHashBytes);
        long createdMs = ReadInt64In(0, long.MaxValue);
        long expiresMs = ReadInt64In(0, long.MaxValue);
        return new AddToken(id, user, hash, createdMs, expiresMs, ReadBytes(ReadByte()));
    }
}
