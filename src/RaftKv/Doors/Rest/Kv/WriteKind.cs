using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using RaftKv.Contract.Bodies;
using RaftKv.Core;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.Tree;
using RaftKv.Doors.Http;
using RaftKv.Service.Calls;
using RaftKv.Service.Refusals;
using RaftKv.Service.Writes;

namespace RaftKv.Doors.Rest.Kv;

/// <summary>How the answer to one kind of write is made from the store's result, at once or later.</summary>
internal sealed class WriteKind
{
    // Kept as bytes, not as the store's result: that would keep values alive that the store has long forgotten.
    private const int MaxKeptAnswerBytes = 64 * 1024;

    // An answer that costs so much is longer for sure; it is not built to find that out.
    private const long MaxLookedAtCost = 4L * MaxKeptAnswerBytes;

    private readonly WriteRules _rules = WriteRules.Plain;

    public WriteKind() => Rules = _rules;

    /// <summary>Writes the JSON body of an applied write.</summary>
    public required Action<Utf8JsonWriter, CommandResult> WriteBody { get; init; }

    /// <summary>Sends the body of an applied write piece by piece when it is large; null where none is.</summary>
    public Func<Exchange, CommandResult, Task>? SendLarge { get; init; }

    /// <summary>True when the answer is not to be built whole.</summary>
    public static bool IsLarge(CommandResult result) => AnswerRoom.CostOf(result.Result, isWhole: true) > AnswerRoom.SmallBytes;

    /// <summary>The status of an applied write.</summary>
    public Func<CommandResult, int> Status { get; init; } = static _ => SuccessStatus.Ok;

    /// <summary>The pair whose ETag the answer carries; null for none.</summary>
    public Func<CommandResult, KeyValue?> Pair { get; init; } = static _ => null;

    /// <summary>What the outcome means.</summary>
    public WriteRules Rules
    {
        get => _rules;
        init => _rules = value with { Keep = Keep };
    }

    /// <summary>A body of the contract, as <see cref="WriteBody"/> writes it.</summary>
    public static Action<Utf8JsonWriter, CommandResult> BodyOf<T>(JsonTypeInfo<T> type, Func<CommandResult, T> bodyOf) =>
        (json, result) => JsonSerializer.Serialize(json, bodyOf(result), type);

    /// <summary>An answer that says the revision and nothing else.</summary>
    public static Action<Utf8JsonWriter, CommandResult> RevisionOnly { get; } =
        BodyOf(AnswerJson.Default.CompactAnswer, static result => new CompactAnswer { Revision = result.Revision.Value });

    /// <summary>The same for a compaction that is answered when what it made obsolete is gone.</summary>
    public WriteKind AfterRemovalOf(Revision revision) =>
        new() { WriteBody = WriteBody, Status = Status, Pair = Pair, Rules = Rules with { Removed = revision } };

    private KeptAnswer Keep(CommandResult result)
    {
        if (AnswerRoom.CostOf(result.Result, isWhole: true) > MaxLookedAtCost)
        {
            return new KeptAnswer(Status(result), null);
        }

        JsonAnswer answer = JsonAnswer.Rent();
        WriteBody(answer.Json, result);
        ReadOnlyMemory<byte> body = answer.Finish();
        byte[]? kept = body.Length <= MaxKeptAnswerBytes ? body.ToArray() : null;
        answer.Return();
        return new KeptAnswer(Status(result), kept);
    }
}
