namespace RaftKv.Cli.Demos;

/// <summary>One thing to be seen: a level, an anomaly or a pattern.</summary>
/// <param name="Name">As on the command line.</param>
/// <param name="Title">What it shows, in a line.</param>
internal sealed record Demo(string Name, string Title, Func<DemoStage, Task> PlayAsync)
{
    /// <summary>All, in the order in which they are best read.</summary>
    public static IReadOnlyList<Demo> All { get; } =
    [
        .. LevelDemos.All, .. SessionDemos.All, .. BoundDemos.All, .. AnomalyDemos.All, .. PatternDemos.All,
    ];
}

/// <summary>A demo did not go as it must: a promise of the product is broken, or the demo is.</summary>
internal sealed class DemoFailedException(string message) : Exception(message);
