using RaftKv.Core.Replica.Proposals;


namespace RaftKv.Core.Tests.Replica;

/// <summary>
/// The leader's memory of what it has taken from an origin (P20 of the pitfalls: a repeat is never appended twice).
/// </summary>
public sealed class ForwardWindowTests
{
    private const long Width = 64 * 1024;

    [Fact]
    public void A_number_is_taken_once()
    {
        var window = new ForwardWindow();

        Assert.True(window.TryTake(5));
        Assert.False(window.TryTake(5));
        Assert.True(window.TryTake(4));
    }

    [Fact]
    public void A_number_below_the_floor_is_never_taken()
    {
        var window = new ForwardWindow();
        window.RaiseFloor(10);

        Assert.False(window.TryTake(9));
        Assert.True(window.TryTake(10));
    }

    [Fact]
    public void The_floor_never_falls()
    {
        var window = new ForwardWindow();
        window.RaiseFloor(10);
        window.RaiseFloor(3);

        Assert.False(window.TryTake(9));
    }

    [Fact]
    public void A_number_beyond_the_window_is_not_taken_until_the_floor_rises()
    {
        var window = new ForwardWindow();
        window.RaiseFloor(1);

        Assert.True(window.TryTake(Width));
        Assert.False(window.TryTake(Width + 1));

        window.RaiseFloor(2);
        Assert.True(window.TryTake(Width + 1));
        Assert.False(window.TryTake(Width + 1));
    }

    [Fact]
    public void Raising_the_floor_forgets_what_is_below_and_nothing_else()
    {
        var window = new ForwardWindow();
        window.RaiseFloor(1);
        Assert.True(window.TryTake(1));
        Assert.True(window.TryTake(64));
        Assert.True(window.TryTake(65));

        window.RaiseFloor(65);

        Assert.False(window.TryTake(65));
        Assert.True(window.TryTake(Width + 1));
        Assert.True(window.TryTake(Width + 64));
    }

    [Fact]
    public void A_floor_far_ahead_forgets_everything()
    {
        var window = new ForwardWindow();
        for (long number = 1; number < Width; number++)
        {
            Assert.True(window.TryTake(number));
        }

        window.RaiseFloor(3 * Width);

        for (long number = 3 * Width; number < 4 * Width; number++)
        {
            Assert.True(window.TryTake(number));
        }
    }

    [Fact]
    public void Random_use_agrees_with_a_plain_set()
    {
        const ulong seed = 20260301;
        var random = new DeterministicRandom(seed);
        var window = new ForwardWindow();
        var taken = new HashSet<long>();
        long floor = 0;
        for (int i = 0; i < 200_000; i++)
        {
            if (random.Chance(20))
            {
                floor += random.Next(random.Chance(10) ? 2 * (int)Width : 500);
                window.RaiseFloor(floor);
            }

            long number = floor - 100 + random.Next((int)Width + 200);
            bool expected = number >= floor && number < floor + Width && taken.Add(number);
            Assert.True(expected == window.TryTake(number), $"number {number}, floor {floor}, step {i}, seed {seed}");
        }
    }
}
