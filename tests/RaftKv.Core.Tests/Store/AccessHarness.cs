using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.Rights;
using static RaftKv.Core.Tests.Store.StoreHarness;

namespace RaftKv.Core.Tests.Store;

/// <summary>A store with users, and short words for what they ask.</summary>
internal sealed class AccessHarness
{
    public const KeyRights ReadWatch = KeyRights.Read | KeyRights.Watch;

    /// <summary>The user root has its role, and rights are in force.</summary>
    public AccessHarness(bool isEnabled = true)
    {
        Change(new AddUser(Bytes("root"), default));
        Change(new GrantRole(Bytes("root"), Bytes("root")));
        if (isEnabled)
        {
            Change(new EnableAccess());
        }
    }

    public StoreHarness Store { get; } = new();

    /// <summary>Makes a user with a role of the same name that has these rights.</summary>
    public void User(string name, params (KeyRange Keys, KeyRights Rights)[] grants)
    {
        Change(new AddUser(Bytes(name), Bytes("hash")));
        Change(new AddRole(Bytes(name)));
        Change(new GrantRole(Bytes(name), Bytes(name)));
        foreach ((KeyRange keys, KeyRights rights) in grants)
        {
            Change(new GrantKeys(Bytes(name), keys, rights));
        }
    }

    /// <summary>Root changes something, and may.</summary>
    public void Change(AccessChange change) => Assert.Equal(CommandStatus.Ok, Try(change));

    /// <summary>What comes of root's change.</summary>
    public CommandStatus Try(AccessChange change) => As("root", new ChangeAccessCommand(change)).Status;

    /// <summary>A user asks; an empty name is nobody in particular.</summary>
    public CommandResult As(string user, KvCommand command) => Store.Apply(command with { Principal = Bytes(user) });

    public CommandResult As(string user, KvOp op, Compare? guard = null) => As(user, new MutateCommand(op, guard));

    /// <summary>Denied, and nothing has changed.</summary>
    public AccessDeniedResult Denied(string user, KvCommand command)
    {
        ulong before = Store.View.StateHash;
        CommandResult result = As(user, command);
        Assert.Equal(CommandStatus.AccessDenied, result.Status);
        Assert.Equal(before, Store.View.StateHash);
        Assert.Null(result.Current);
        return Assert.IsType<AccessDeniedResult>(result.Result);
    }

    public AccessDeniedResult Denied(string user, KvOp op, Compare? guard = null) => Denied(user, new MutateCommand(op, guard));

    public void Allowed(string user, KvCommand command) => Assert.NotEqual(CommandStatus.AccessDenied, As(user, command).Status);

    public void Allowed(string user, KvOp op, Compare? guard = null) => Allowed(user, new MutateCommand(op, guard));

    public static KeyRange Prefix(string prefix) => KeyRange.Prefix(Bytes(prefix));
}
