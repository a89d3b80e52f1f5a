namespace RaftKv.Core.Store.Commands;

/// <remarks>Changes of users, roles, rights and tokens.</remarks>
internal ref partial struct KvCommandWriter
{
    private void WriteAccess(AccessChange change)
    {
        WriteByte((byte)AccessKinds.Of(change));
        switch (change)
        {
            case EnableAccess or DisableAccess:
                break;
            case AddUser add:
                WriteName(add.Name.Span);
                WriteHash(add.PasswordHash.Span);
                break;
            case RemoveUser remove:
                WriteName(remove.Name.Span);
                break;
            case SetPassword set:
                WriteName(set.Name.Span);
                WriteHash(set.PasswordHash.Span);
                break;
            case GrantRole grant:
                WriteName(grant.User.Span);
                WriteName(grant.Role.Span);
                break;
            case RevokeRole revoke:
                WriteName(revoke.User.Span);
                WriteName(revoke.Role.Span);
                break;
            case AddRole add:
                WriteName(add.Name.Span);
                break;
            case RemoveRole remove:
                WriteName(remove.Name.Span);
                break;
            default:
                WriteGrantOrToken(change);
                break;
        }
    }

    private void WriteGrantOrToken(AccessChange change)
    {
        switch (change)
        {
            case GrantKeys grant:
                WriteName(grant.Role.Span);
                WriteByte((byte)Checked(AccessKinds.IsGrant(grant.Rights), grant.Rights));
                WriteGrantKeys(grant.Keys);
                break;
            case RevokeKeys revoke:
                WriteName(revoke.Role.Span);
                WriteGrantKeys(revoke.Keys);
                break;
            case SetOperations set:
                WriteName(set.Role.Span);
                WriteUInt16((ushort)Checked((set.Operations & ~OperationRights.All) == 0, set.Operations));
                break;
            case AddToken add:
                WriteExactly(add.Id.Span, KvLimits.TokenIdBytes);
                WriteName(add.User.Span);
                WriteExactly(add.SecretHash.Span, KvLimits.TokenHashBytes);
                WriteInt64In(add.CreatedMs, 0, long.MaxValue, "time of a token's making");
                WriteInt64In(add.ExpiresMs, 0, long.MaxValue, "time of a token's end");
                WriteByte((byte)Checked(add.Label.Length <= KvLimits.MaxTokenLabelBytes, add.Label.Length));
                WriteBytes(add.Label.Span);
                break;
            case RemoveToken remove:
                WriteExactly(remove.Id.Span, KvLimits.TokenIdBytes);
                break;
            default:
                Check.Unreachable<int>(change);
                break;
        }
    }

    private void WriteName(ReadOnlySpan<byte> name)
    {
        if (!Principals.IsName(name))
        {
            throw new ArgumentException($"A user's or role's name has 1 to {KvLimits.MaxPrincipalBytes} bytes, none of them zero.");
        }

        WriteByte((byte)name.Length);
        WriteBytes(name);
    }

    private void WriteHash(ReadOnlySpan<byte> hash)
    {
        WriteUInt16((ushort)Checked(hash.Length <= KvLimits.MaxPasswordHashBytes, hash.Length));
        WriteBytes(hash);
    }

    private void WriteGrantKeys(KeyRange keys)
    {
        if (!AccessKeys.IsGrantable(keys))
        {
            throw new ArgumentException($"A range of a role has bounds of at most {KvLimits.MaxGrantKeyBytes} bytes, and is not empty.");
        }

        WriteKeys(keys);
    }

    private void WriteExactly(ReadOnlySpan<byte> bytes, int length) => WriteBytes(bytes.Length == length
        ? bytes
        : throw new ArgumentException($"A part of a token has {bytes.Length} bytes; it must have {length}."));

    private static T Checked<T>(bool isRight, T value) => isRight ? value : throw new ArgumentException($"{value} is out of range.");
}
