using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Gates;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.Rights;
using static RaftKv.Core.Tests.Store.AccessHarness;
using static RaftKv.Core.Tests.Store.StoreHarness;

namespace RaftKv.Core.Tests.Store;

/// <summary>Users, roles and tokens as state: etcd's rules, the revision of the rights, snapshots, ranges.</summary>
public sealed class AccessTableTests
{
    [Fact]
    public void Rights_come_into_force_only_with_root_in_its_role()
    {
        StoreHarness store = new();
        Assert.Equal(CommandStatus.RootUserMissing, Change(store, new EnableAccess()));
        Change(store, new AddUser(Bytes("root"), default));
        Assert.Equal(CommandStatus.RootRoleMissing, Change(store, new EnableAccess()));
        Change(store, new GrantRole(Bytes("root"), Bytes("root")));
        Assert.Equal(CommandStatus.Ok, Change(store, new EnableAccess()));
        Assert.True(store.View.Access.IsEnabled);
    }

    [Fact]
    public void While_in_force_root_and_its_role_stay()
    {
        AccessHarness a = new();
        Assert.Equal(CommandStatus.RootNeeded, a.Try(new RemoveUser(Bytes("root"))));
        Assert.Equal(CommandStatus.RootNeeded, a.Try(new RevokeRole(Bytes("root"), Bytes("root"))));
        Assert.Equal(CommandStatus.RootNeeded, a.Try(new RemoveRole(Bytes("root"))));
        a.Change(new DisableAccess());
        a.Change(new RevokeRole(Bytes("root"), Bytes("root")));
        a.Change(new RemoveUser(Bytes("root")));
    }

    [Fact]
    public void What_is_not_there_or_there_already_is_said()
    {
        AccessHarness a = new();
        a.User("u", (Prefix("a"), KeyRights.Read));
        Assert.Equal(CommandStatus.UserExists, a.Try(new AddUser(Bytes("u"), default)));
        Assert.Equal(CommandStatus.RoleExists, a.Try(new AddRole(Bytes("u"))));
        Assert.Equal(CommandStatus.UserNotFound, a.Try(new RemoveUser(Bytes("v"))));
        Assert.Equal(CommandStatus.UserNotFound, a.Try(new SetPassword(Bytes("v"), default)));
        Assert.Equal(CommandStatus.UserNotFound, a.Try(new GrantRole(Bytes("v"), Bytes("u"))));
        Assert.Equal(CommandStatus.RoleNotFound, a.Try(new GrantRole(Bytes("u"), Bytes("v"))));
        Assert.Equal(CommandStatus.RoleNotGranted, a.Try(new RevokeRole(Bytes("u"), Bytes("v"))));
        Assert.Equal(CommandStatus.RoleNotFound, a.Try(new RemoveRole(Bytes("v"))));
        Assert.Equal(CommandStatus.RoleNotFound, a.Try(new GrantKeys(Bytes("v"), Prefix("a"), KeyRights.Read)));
        Assert.Equal(CommandStatus.RoleNotFound, a.Try(new RevokeKeys(Bytes("v"), Prefix("a"))));
        Assert.Equal(CommandStatus.PermissionNotGranted, a.Try(new RevokeKeys(Bytes("u"), Prefix("b"))));
        Assert.Equal(CommandStatus.RoleNotFound, a.Try(new SetOperations(Bytes("v"), OperationRights.All)));
        Assert.Equal(CommandStatus.TokenNotFound, a.Try(new RemoveToken(new byte[16])));
        Assert.Equal(CommandStatus.Ok, a.Try(new GrantRole(Bytes("u"), Bytes("u"))));
    }

    [Fact]
    public void Each_change_moves_the_revision_of_the_rights_and_a_password_is_of_one()
    {
        AccessHarness a = new();
        long before = a.Store.View.Access.Revision;
        a.User("u");
        UserInfo made = a.Store.View.GetUser("u"u8)!;
        Assert.Equal(before + 1, made.CredentialRevision);
        Assert.Equal(before + 3, a.Store.View.Access.Revision);
        a.Change(new SetPassword(Bytes("u"), Bytes("other")));
        Assert.Equal(before + 4, a.Store.View.GetUser("u"u8)!.CredentialRevision);
        a.Try(new AddRole(Bytes("u")));
        a.Change(new EnableAccess());
        Assert.Equal(before + 4, a.Store.View.Access.Revision);
    }

    [Fact]
    public void A_user_goes_with_its_tokens_and_a_role_with_its_grants()
    {
        AccessHarness a = new();
        a.User("u", (Prefix("a"), KeyRights.Write));
        a.Change(new AddToken(new byte[16], Bytes("u"), new byte[32], 5, 0, Bytes("ci")));
        Assert.Equal("ci", Text(Assert.Single(a.Store.View.ListTokens()).Label));
        a.Change(new RemoveUser(Bytes("u")));
        Assert.Empty(a.Store.View.ListTokens());
        a.Change(new RemoveRole(Bytes("u")));
        a.User("u");
        a.Denied("u", Put("a", "1"));
    }

    [Fact]
    public void All_of_it_is_in_snapshots_and_in_the_hash()
    {
        AccessHarness a = new();
        ulong before = a.Store.View.StateHash;
        a.User("u", (Prefix("a"), KeyRights.Write), (KeyRange.From(Bytes("x")), ReadWatch), (Key("k"), KeyRights.Lock));
        a.Change(new SetOperations(Bytes("u"), OperationRights.Metrics));
        a.Change(new AddToken(new byte[16], Bytes("u"), new byte[32], 5, 9, Bytes("ci")));
        Assert.NotEqual(before, a.Store.View.StateHash);
        StoreHarness loaded = new(Load(Snapshot(a.Store.View)));
        Assert.Equal(a.Store.View.StateHash, loaded.View.StateHash);
        Assert.Equal(a.Store.View.Access, loaded.View.Access);
        Assert.Equal(3, loaded.View.GetRole("u"u8)!.Grants.Count);
        Assert.Equal(CommandStatus.AccessDenied, loaded.Apply(new MutateCommand(Put("b", "1")) { Principal = Bytes("u") }).Status);
        Assert.Equal(CommandStatus.Ok, loaded.Apply(new MutateCommand(Put("a", "1")) { Principal = Bytes("u") }).Status);
    }

    [Fact]
    public void Every_change_is_read_as_it_was_written_and_bad_ones_are_none()
    {
        AccessChange[] changes =
        [
            new EnableAccess(), new DisableAccess(), new AddUser(Bytes("u"), Bytes("h")), new AddUser(Bytes("u"), default),
            new RemoveUser(Bytes("u")), new SetPassword(Bytes("u"), Bytes("h")), new GrantRole(Bytes("u"), Bytes("r")),
            new RevokeRole(Bytes("u"), Bytes("r")), new AddRole(Bytes("r")), new RemoveRole(Bytes("r")),
            new GrantKeys(Bytes("r"), Key("k"), KeyRights.All), new GrantKeys(Bytes("r"), KeyRange.All, KeyRights.Lock),
            new RevokeKeys(Bytes("r"), Prefix("p")), new SetOperations(Bytes("r"), OperationRights.All),
            new AddToken(new byte[16], Bytes("u"), new byte[32], 1, 2, Bytes("l")), new RemoveToken(new byte[16]),
        ];
        foreach (AccessChange change in changes)
        {
            byte[] bytes = KvCommandCodec.Encode(new ChangeAccessCommand(change) { Principal = Bytes("root") });
            Assert.Equal(GateTable.ThisBuild.SinceOf(FeatureGate.AccessControl).Value, bytes[0]);
            Assert.True(KvCommandCodec.TryDecode(bytes, out KvCommand? read));
            Assert.Equal(bytes, KvCommandCodec.Encode(read!));
            Assert.False(KvCommandCodec.TryDecode(bytes.AsMemory(0, bytes.Length - 1), out _));
        }

        Assert.Throws<ArgumentException>(() => Encode(new AddUser(default, default)));
        Assert.Throws<ArgumentException>(() => Encode(new AddUser(Bytes("u\0"), default)));
        Assert.Throws<ArgumentException>(() => Encode(new GrantKeys(Bytes("r"), Key("k"), KeyRights.None)));
        Assert.Throws<ArgumentException>(() => Encode(new GrantKeys(Bytes("r"), KeyRange.Between(Bytes("b"), Bytes("a")), KeyRights.Read)));
        Assert.Throws<ArgumentException>(() => Encode(new GrantKeys(Bytes("r"), Key(new string('k', 5000)), KeyRights.Read)));
        Assert.Throws<ArgumentException>(() => Encode(new RemoveToken(new byte[15])));
    }

    [Theory]
    [InlineData(1UL)]
    [InlineData(2UL)]
    [InlineData(3UL)]
    public void A_set_of_ranges_says_what_looking_at_each_says(ulong seed)
    {
        DeterministicRandom random = new(seed);
        for (int round = 0; round < 2_000; round++)
        {
            KeyRange[] ranges = [.. Enumerable.Range(0, random.Next(6)).Select(_ => Range(random))];
            RangeSet set = RangeSet.Of(ranges);
            KeyRange asked = Range(random);
            Assert.Equal(AccessModel.Covers(ranges, asked), set.Covers(asked));
            byte[] key = KeyOf(random);
            Assert.Equal(Array.Exists(ranges, range => range.Contains(key)), set.Contains(key));
            ReadOnlyMemory<byte>? outside = set.FirstOutside(key);
            Assert.True(outside is null || !set.Contains(outside.Value.Span));
            Assert.True(outside is null || set.Covers(KeyRange.Between(key, outside.Value)));
        }
    }

    internal static KeyRange Range(DeterministicRandom random) => random.Next(8) switch
    {
        0 => KeyRange.All,
        1 => KeyRange.From(KeyOf(random)),
        2 => KeyRange.Prefix(KeyOf(random)),
        < 6 => KeyRange.Between(KeyOf(random), KeyOf(random)),
        _ => KeyRange.Single(KeyOf(random)),
    };

    internal static byte[] KeyOf(DeterministicRandom random)
    {
        byte[] key = new byte[1 + random.Next(2)];
        for (int i = 0; i < key.Length; i++)
        {
            key[i] = (byte)"\0abc\xff"[random.Next(5)];
        }

        return key;
    }

    private static byte[] Encode(AccessChange change) => KvCommandCodec.Encode(new ChangeAccessCommand(change));

    private static CommandStatus Change(StoreHarness store, AccessChange change) => store.Apply(new ChangeAccessCommand(change)).Status;
}
