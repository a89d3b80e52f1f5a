using RaftKv.Dashboard.Api;
using RaftKv.Dashboard.Coordination;

namespace RaftKv.Dashboard.Tests.Coordination;

/// <summary>Who held what is told from the places that came and went.</summary>
public sealed class HolderHistoryTests
{
    [Fact]
    public void The_oldest_place_holds_and_who_waits_moves_up_when_it_goes()
    {
        var history = new HolderHistory();
        history.Take(5, Put("locks/job", "x", "l1", "ann", 5));
        history.Take(6, Put("locks/job", "x", "l2", "bob", 6));
        history.Take(9, Gone("locks/job", "x", "l1", ChangeWords.Expired));

        Assert.Equal(
            ["5 ann takes a place 5", "5 ann holds 5", "6 bob takes a place 6", "9 ann lease over 5", "9 bob holds 6"],
            history.Events.Reverse().Select(static e => $"{e.Revision} {e.Owner} {e.What} {e.Token}"));
        Assert.All(history.Events, static e => Assert.Equal(("lock", "job"), (e.Kind, e.Name)));
    }

    [Fact]
    public void Places_side_by_side_are_told_and_who_came_before_the_look_is_known_by_what_he_left()
    {
        var history = new HolderHistory();
        history.Take(5, Put("semaphores/pool", "n", "l1", "ann", 5));
        history.Take(6, Put("semaphores/pool", "n", "l2", "bob", 6));
        history.Take(7, Gone("elections/boss", "x", "l9", null) with { Previous = Put("elections/boss", "x", "l9", "eve", 2) });
        history.Take(8, Put("elections/boss", "x", "l8", "new value", create: 3, mod: 8));
        history.Take(9, new KeyVersion { Key = "app/other", Type = ChangeWords.Put });

        Assert.Equal(
            ["takes a place ann 5", "takes a place bob 6", "lets go eve 2"],
            history.Events.Reverse().Select(static e => $"{e.What} {e.Owner} {e.Token}"));
    }

    [Fact]
    public void It_is_bounded()
    {
        var history = new HolderHistory();
        for (int i = 1; i <= 80; i++)
        {
            history.Take(i, Put("locks/job", "x", $"l{i}", "ann", i));
            history.Take(i, Gone("locks/job", "x", $"l{i}", null));
        }

        Assert.Equal(HolderHistory.MaxEvents, history.Events.Count);
        Assert.Equal(80, history.Events[0].Revision);
    }

    private static KeyVersion Put(string queue, string mode, string lease, string owner, long create, long mod = 0) => new()
    {
        Key = $"_raftkv/{queue}\0{mode}\0{lease}",
        Type = ChangeWords.Put,
        Value = owner,
        CreateRevision = create,
        ModRevision = mod == 0 ? create : mod,
    };

    private static KeyVersion Gone(string queue, string mode, string lease, string? reason) => new()
    {
        Key = $"_raftkv/{queue}\0{mode}\0{lease}",
        Type = ChangeWords.Delete,
        Reason = reason,
    };
}
