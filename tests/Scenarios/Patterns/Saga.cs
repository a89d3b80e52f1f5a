using System.Text.Json;
using System.Text.Json.Serialization;
using RaftKv.Client;
using static RaftKv.Client.Compare;

namespace RaftKv.Scenarios.Patterns;

/// <summary>One step of a saga, and what undoes it.</summary>
/// <param name="Do">Looks at the store and says what the step wants to change; a refusal turns the saga around.</param>
/// <param name="Undo">The same for what takes the step back. It must not refuse: see to it that it can't fail.</param>
internal sealed record SagaStep(string Name, Func<RaftKvClient, Task<StepPlan>> Do, Func<RaftKvClient, Task<StepPlan>> Undo);

/// <summary>What a step wants to change, and what must still hold when it does; or why it can't be done.</summary>
internal sealed record StepPlan(TxnCompare[] When, TxnOp[] Then, string? Refusal = null)
{
    public static StepPlan Refuse(string reason) => new([], [], reason);
}

/// <summary>Where a saga stands.</summary>
internal enum SagaPhase
{
    /// <summary>Steps are done, in order.</summary>
    Forward = 0,

    /// <summary>A step refused; those before it are undone, in reverse order.</summary>
    Back = 1,

    /// <summary>Every step was done.</summary>
    Done = 2,

    /// <summary>Every step that had been done was undone.</summary>
    Undone = 3,
}

/// <summary>A saga's own record.</summary>
/// <param name="DoneCount">How many steps stand: done and not undone.</param>
/// <param name="Reason">Why it turned around; null while it did not.</param>
internal sealed record SagaRecord(SagaPhase Phase, int DoneCount, string? Reason = null);

/// <summary>
/// A sequence of transactions that is either done to the end or undone in reverse order, though its coordinator may die
/// at any point. The one idea: a step's effects and the saga's record are written by one transaction, on condition that
/// the record is as it was read. So each step happens exactly once, whoever runs it and however often it is tried; the
/// store knows how far the saga is, and any coordinator can go on, also while the first one still runs.
/// </summary>
internal sealed class Saga(RaftKvClient client, string key, IReadOnlyList<SagaStep> steps)
{
    /// <summary>Begins the saga, or goes on where it stands; returns its end. To resume is to run.</summary>
    public async Task<SagaRecord> RunAsync()
    {
        while (true)
        {
            (KeyValueEntry entry, SagaRecord record) = await ReadOrBeginAsync();
            switch (record)
            {
                case { Phase: SagaPhase.Done or SagaPhase.Undone }:
                    return record;
                case { Phase: SagaPhase.Forward } when record.DoneCount == steps.Count:
                    await TryMoveAsync(entry, record with { Phase = SagaPhase.Done }, new StepPlan([], []));
                    break;
                case { Phase: SagaPhase.Forward }:
                    StepPlan plan = await steps[record.DoneCount].Do(client);
                    SagaRecord next = plan.Refusal is null
                        ? record with { DoneCount = record.DoneCount + 1 }
                        : record with { Phase = SagaPhase.Back, Reason = plan.Refusal };
                    await TryMoveAsync(entry, next, plan);
                    break;
                case { Phase: SagaPhase.Back, DoneCount: 0 }:
                    await TryMoveAsync(entry, record with { Phase = SagaPhase.Undone }, new StepPlan([], []));
                    break;
                case { Phase: SagaPhase.Back }:
                    StepPlan undo = await steps[record.DoneCount - 1].Undo(client);
                    await TryMoveAsync(entry, record with { DoneCount = record.DoneCount - 1 }, undo);
                    break;
                default:
                    throw new InvalidOperationException($"Saga {key} is in no phase that this code knows: {record}.");
            }
        }
    }

    /// <summary>The records of a saga from its beginning, as its key's history keeps them.</summary>
    public static async Task<List<SagaRecord>> HistoryAsync(RaftKvClient client, string key) =>
        [.. (await client.HistoryAsync(key)).Versions.Reverse().Select(Parse)];

    private async Task<(KeyValueEntry Entry, SagaRecord Record)> ReadOrBeginAsync()
    {
        while (true)
        {
            if (await client.GetAsync(key) is { } entry)
            {
                return (entry, Parse(entry));
            }

            await client.TryCompareAndSetAsync(key, Precondition.Missing, Serialize(new SagaRecord(SagaPhase.Forward, DoneCount: 0)));
        }
    }

    /// <summary>
    /// Effects and record together, or nothing. Whether it went through is not even looked at: the next read of the
    /// record tells, also when the answer was lost or another coordinator was faster.
    /// </summary>
    private async Task TryMoveAsync(KeyValueEntry entry, SagaRecord next, StepPlan plan)
    {
        try
        {
            await client.Txn()
                .When(Key(key).ModRevision == entry.ModRevision)
                .When(plan.When)
                .Then(plan.Then)
                .Then(Op.Put(key, Serialize(next)))
                .CommitAsync();
        }
        catch (RaftKvOutcomeUnknownException)
        {
            // It may have happened. The record says so, or it may be tried again: it can't happen twice.
        }
    }

    private static SagaRecord Parse(KeyValueEntry entry) => entry.GetJson(SagaJson.Default.SagaRecord)!;

    private static string Serialize(SagaRecord record) => JsonSerializer.Serialize(record, SagaJson.Default.SagaRecord);
}

/// <summary>How records are stored.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, UseStringEnumConverter = true)]
[JsonSerializable(typeof(SagaRecord))]
internal sealed partial class SagaJson : JsonSerializerContext;
