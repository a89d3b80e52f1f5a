namespace RaftKv.Dashboard.Lessons;

/// <summary>An anomaly of the literature, played on the real cluster: how it comes, and how it is ruled out.</summary>
/// <param name="Id">In the address.</param>
/// <param name="Story">What it is about, in a sentence of everyday life.</param>
/// <param name="Wrong">Name of the way that lets it happen.</param>
/// <param name="Right">Name of the way that does not.</param>
/// <param name="NeedsLab">A link has to be held for it.</param>
/// <param name="PlayAsync">Plays it.</param>
internal sealed record Lesson(
    string Id, string Name, string Story, string Wrong, string Right, bool NeedsLab, Func<LessonStage, Task> PlayAsync)
{
    /// <summary>All of them, in the order in which they are best learnt.</summary>
    public static IReadOnlyList<Lesson> All { get; } = [.. ReadLessons.All, .. WriteLessons.All];
}
