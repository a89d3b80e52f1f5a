using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;

namespace RaftKv.Simulation.Clients;

/// <summary>
/// Draws changes of users, roles and rights, mostly root's, and who asks for the other writes. Roles hold the registers or
/// everything, so that some writes pass and some don't.
/// </summary>
internal sealed class AccessMaker(DeterministicRandom random)
{
    private static readonly byte[][] _users = ["root"u8.ToArray(), "u0"u8.ToArray(), "u1"u8.ToArray()];
    private static readonly byte[][] _roles = ["r0"u8.ToArray(), "r1"u8.ToArray(), "system:anonymous"u8.ToArray()];

    // What has to be there first, in this order, so that rights can be put in force soon.
    private readonly Queue<AccessChange> _first = new(
    [
        new AddUser(_users[0], default), new GrantRole(_users[0], Principals.Root), new AddRole(_roles[2]), new AddRole(_roles[0]),
        new AddRole(_roles[1]), new AddUser(_users[1], default), new AddUser(_users[2], default),
        new GrantKeys(_roles[2], KeyRange.All, KeyRights.All), new SetOperations(_roles[2], OperationRights.All),
        new GrantRole(_users[1], _roles[0]), new GrantKeys(_roles[0], KeyRange.Prefix(Keys.RegisterPrefix), KeyRights.All),
    ]);

    /// <summary>Who asks.</summary>
    public ReadOnlyMemory<byte> Author() => random.Chance(300) ? default : _users[random.Next(_users.Length)];

    /// <summary>A change of access.</summary>
    public ChangeAccessCommand Next()
    {
        AccessChange change = _first.TryDequeue(out AccessChange? first) ? first : random.Next(9) switch
        {
            0 or 1 => new EnableAccess(),
            2 => new DisableAccess(),
            3 => new GrantRole(User(), Role()),
            4 => new RevokeRole(User(), Role()),
            5 or 6 => new GrantKeys(Role(), Range(), random.Chance(500) ? KeyRights.All : (KeyRights)(1 + random.Next(7))),
            7 => new RevokeKeys(Role(), Range()),
            _ => new SetOperations(Role(), (OperationRights)random.Next((int)OperationRights.All + 1)),
        };
        return new ChangeAccessCommand(change) { Principal = random.Chance(900) ? Principals.Root : Author() };
    }

    private byte[] User() => _users[1 + random.Next(_users.Length - 1)];

    private byte[] Role() => _roles[random.Next(_roles.Length)];

    private KeyRange Range() => random.Next(3) switch
    {
        0 => KeyRange.All,
        1 => KeyRange.Prefix(Keys.RegisterPrefix),
        _ => KeyRange.Single(Keys.Name(random.Next(Keys.Count))),
    };
}
