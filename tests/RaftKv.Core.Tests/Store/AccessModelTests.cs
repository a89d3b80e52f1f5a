using System.Globalization;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using static RaftKv.Core.Tests.Store.StoreHarness;

namespace RaftKv.Core.Tests.Store;

/// <summary>Random roles and commands: the store lets pass exactly what a model of the plainest kind lets pass.</summary>
public sealed class AccessModelTests
{
    private const int Users = 4;
    private const int Roles = 5;

    private readonly AccessHarness _a = new();
    private readonly AccessModel _model = new();

    [Theory]
    [InlineData(1UL)]
    [InlineData(2UL)]
    [InlineData(3UL)]
    [InlineData(4UL)]
    [InlineData(5UL)]
    public void The_store_and_the_model_agree_for_20000_steps(ulong seed)
    {
        DeterministicRandom random = new(seed);
        RandomCommands commands = new(random, keyCount: 12);
        Begin();
        int allowed = 0;
        int denied = 0;
        for (int step = 0; step < 20_000; step++)
        {
            if (random.Chance(60))
            {
                ChangeSomething(random, commands.Keys);
                continue;
            }

            if (commands.Next(_a.Store.Revision, _a.Store.View.CompactedRevision.Value) is not MutateCommand command)
            {
                continue;
            }

            string user = Name('u', random.Next(Users));
            bool expected = _model.Allows(user, command);
            ulong before = _a.Store.View.StateHash;
            bool isAllowed = _a.As(user, command).Status != CommandStatus.AccessDenied;
            Assert.True(expected == isAllowed, $"Seed {seed}, step {step}: {user} {command}: the model says {expected}.");
            Assert.True(isAllowed || _a.Store.View.StateHash == before, $"Seed {seed}, step {step}: a denied command changed something.");
            (allowed, denied) = isAllowed ? (allowed + 1, denied) : (allowed, denied + 1);
        }

        Assert.True(allowed > 500 && denied > 500, $"Both happen: {allowed} allowed, {denied} denied.");
    }

    private void Begin()
    {
        for (int i = 0; i < Users; i++)
        {
            _a.Change(new AddUser(Bytes(Name('u', i)), default));
            _model.RolesOf[Name('u', i)] = [];
        }

        for (int i = 0; i < Roles; i++)
        {
            _a.Change(new AddRole(Bytes(Name('r', i))));
            _model.GrantsOf[Name('r', i)] = [];
        }
    }

    private void ChangeSomething(DeterministicRandom random, IReadOnlyList<string> keys)
    {
        string user = Name('u', random.Next(Users));
        string role = Name('r', random.Next(Roles));
        List<string> roles = _model.RolesOf[user];
        List<(KeyRange Keys, KeyRights Rights)> grants = _model.GrantsOf[role];
        switch (random.Next(5))
        {
            case 0 when !roles.Contains(role):
                _a.Change(new GrantRole(Bytes(user), Bytes(role)));
                roles.Add(role);
                break;
            case 1 when roles.Contains(role):
                _a.Change(new RevokeRole(Bytes(user), Bytes(role)));
                roles.Remove(role);
                break;
            case 2 when grants.Count > 3 || (grants.Count > 0 && random.Chance(300)):
                _a.Change(new RevokeKeys(Bytes(role), grants[0].Keys));
                grants.RemoveAt(0);
                break;
            default:
                KeyRange range = RangeOf(random, keys);
                KeyRights rights = (KeyRights)(1 + random.Next(3));
                if (AccessKeys.IsGrantable(range))
                {
                    _a.Change(new GrantKeys(Bytes(role), range, rights));
                    grants.RemoveAll(grant => Same(grant.Keys, range));
                    grants.Add((range, rights));
                }

                break;
        }
    }

    private static KeyRange RangeOf(DeterministicRandom random, IReadOnlyList<string> keys) => random.Next(6) switch
    {
        0 => KeyRange.Prefix(Bytes(random.Chance(500) ? "a/" : "c")),
        1 => KeyRange.From(Bytes(keys[random.Next(keys.Count)])),
        2 => KeyRange.All,
        3 => KeyRange.Between(Bytes(keys[random.Next(keys.Count)]), Bytes(keys[random.Next(keys.Count)])),
        _ => Key(keys[random.Next(keys.Count)]),
    };

    private static bool Same(KeyRange a, KeyRange b) =>
        a.Kind == b.Kind && a.Start.Span.SequenceEqual(b.Start.Span) && a.End.Span.SequenceEqual(b.End.Span);

    private static string Name(char kind, int number) => string.Create(CultureInfo.InvariantCulture, $"{kind}{number}");
}
