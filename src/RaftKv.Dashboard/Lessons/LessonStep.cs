namespace RaftKv.Dashboard.Lessons;

/// <summary>Which column a step stands in.</summary>
public enum LessonSide : byte
{
    /// <summary>What both begin with.</summary>
    Both = 0,

    /// <summary>The level, or the way, that is too weak.</summary>
    Wrong = 1,

    /// <summary>The one that keeps the promise.</summary>
    Right = 2,
}

/// <summary>One thing that happened in a lesson.</summary>
/// <param name="Number">From 1, in the order in which they happened.</param>
/// <param name="AtMs">Since the lesson began.</param>
/// <param name="Who">A, B, or empty for the network.</param>
/// <param name="Node">The node it happened at; empty for all.</param>
/// <param name="Curl">The same for a shell; empty for what is no request.</param>
/// <param name="Kind">good, old, refused or say.</param>
public sealed record LessonStep(
    int Number, LessonSide Side, double AtMs, string Who, string Node, string What, string Result, string Curl, string Kind);

/// <summary>A time in which a node's links were held.</summary>
/// <param name="ToMs">Null while they are.</param>
public sealed record HeldTime(string Node, double FromMs, double? ToMs);

/// <summary>A lesson that could not be played, or did not go as it must; the sentence says why.</summary>
public sealed class LessonException(string sentence) : Exception(sentence);
