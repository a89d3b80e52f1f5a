using RaftKv.Core;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.Tree;
using RaftKv.Service.Refusals;

namespace RaftKv.Service.Writes;

/// <summary>What the outcome of one kind of write means, and how a door tells of it later.</summary>
internal sealed record WriteRules
{
    /// <summary>A write of which nothing is special, at a door that tells of it at once or never.</summary>
    public static WriteRules Plain { get; } = new();

    /// <summary>True when the command is one of <see cref="GuardedWrite"/>.</summary>
    public bool IsGuarded { get; init; }

    /// <summary>
    /// True when the answer tells more of the store than that the write was done: a later read must not be older.
    /// </summary>
    public bool TellsState { get; init; }

    /// <summary>What a guard of the server's own means when it fails; null for a failed precondition.</summary>
    public Func<ApiError>? GuardError { get; init; }

    /// <summary>
    /// A compaction's revision, when it is to have removed what it made obsolete before it is answered; zero for none.
    /// </summary>
    public Revision Removed { get; init; }

    /// <summary>
    /// Makes the answer of an applied write, to be kept for a later look-up; null at a door that has no look-up.
    /// </summary>
    public Func<CommandResult, KeptAnswer>? Keep { get; init; }

    /// <summary>The error in a result; null when the write was done.</summary>
    public ApiError? ErrorOf(CommandResult result)
    {
        KeyValue? current = null;
        bool isRefused = IsGuarded
            ? result.Status is CommandStatus.Ok or CommandStatus.GuardFailed && GuardedWrite.Unwrap(result, out current) is null
            : result.Status == CommandStatus.GuardFailed;
        if (isRefused && GuardError is not null)
        {
            return GuardError();
        }

        if (isRefused)
        {
            return ErrorMapper.PreconditionFailed() with { ActualRevision = result.Digest == 0 ? current?.ModRevision.Value ?? 0 : null };
        }

        return result.Status == CommandStatus.Ok ? null : ErrorMapper.FromStore(result);
    }
}

/// <summary>An answer as its door would have given it.</summary>
/// <param name="Status">In the door's own codes.</param>
/// <param name="Body">Null when it is too large to keep.</param>
internal readonly record struct KeptAnswer(int Status, byte[]? Body);
