using System.Text.Json;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.Tree;
using RaftKv.Doors.Rest.Kv;
using RaftKv.Service.Refusals;

namespace RaftKv.Service.Operations;

/// <summary>
/// How the answer to one kind of write is made from the store's result. Kept with an accepted write, so that its answer
/// can be told later.
/// </summary>
internal sealed class WriteKind
{
    /// <summary>Writes the JSON body of an applied write.</summary>
    public required Action<Utf8JsonWriter, CommandResult> WriteBody { get; init; }

    /// <summary>The status of an applied write.</summary>
    public Func<CommandResult, int> Status { get; init; } = static _ => SuccessStatus.Ok;

    /// <summary>The pair whose ETag the answer carries; null for none.</summary>
    public Func<CommandResult, KeyValue?> Pair { get; init; } = static _ => null;

    /// <summary>True when the command was made by <see cref="Preconditions.Guarded"/>.</summary>
    public bool IsGuarded { get; init; }

    /// <summary>
    /// True when the answer tells more of the store than that the write was done: a later read must not be older.
    /// </summary>
    public bool TellsState { get; init; }

    /// <summary>What a guard of the server's own means when it fails; null for a failed precondition.</summary>
    public Func<ApiError>? GuardError { get; init; }

    /// <summary>The error in a result; null when the write was done.</summary>
    public ApiError? ErrorOf(CommandResult result)
    {
        KeyValue? current = null;
        bool isRefused = IsGuarded
            ? result.Status is CommandStatus.Ok or CommandStatus.GuardFailed && Preconditions.Unwrap(result, out current) is null
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
