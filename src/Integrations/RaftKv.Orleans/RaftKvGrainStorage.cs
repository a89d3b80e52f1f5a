using Orleans;
using Orleans.Runtime;
using Orleans.Serialization.Serializers;
using Orleans.Storage;
using RaftKv.Client;

namespace RaftKv.Orleans;

/// <summary>The state of grains, under an ETag that is its revision: of two writers one fails. Any thread.</summary>
internal sealed class RaftKvGrainStorage(
    RaftKvClient client, string root, IGrainStorageSerializer serializer, IActivatorProvider activators) : IGrainStorage
{
    /// <inheritdoc/>
    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        RawValue? value = await client.GetRawAsync(StateKey(stateName, grainId), ReadLevel.Linearizable).ConfigureAwait(false);
        if (value is null)
        {
            Empty(grainState);
            return;
        }

        grainState.State = serializer.Deserialize<T>(new BinaryData(value.Bytes)) ?? activators.GetActivator<T>().Create();
        grainState.ETag = TableKeys.ETag(value.ModRevision);
        grainState.RecordExists = true;
    }

    /// <inheritdoc/>
    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        Precondition unchanged = ExpectationOf(stateName, grainId, grainState.ETag);
        CompareAndSetResult set = await client.TryCompareAndSetAsync(
            StateKey(stateName, grainId), unchanged, serializer.Serialize(grainState.State).ToMemory()).ConfigureAwait(false);
        if (!set.Succeeded)
        {
            throw Changed("written", stateName, grainId, grainState.ETag, set.CurrentRevision);
        }

        grainState.ETag = TableKeys.ETag(set.ModRevision);
        grainState.RecordExists = true;
    }

    /// <inheritdoc/>
    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        // A key at revision 0 is a missing one, which there is nothing to clear of.
        long revision = grainState.ETag is null ? 0 : RevisionOf(stateName, grainId, grainState.ETag);
        string key = StateKey(stateName, grainId);
        TxnResult cleared = await client.Txn()
            .When(Compare.Key(key).ModRevision == revision)
            .Then(Op.Delete(key))
            .Else(Op.Get(key))
            .CommitAsync().ConfigureAwait(false);
        if (!cleared.Succeeded)
        {
            long current = ((TxnGetResult)cleared.Responses[0]).Entry?.ModRevision ?? 0;
            throw Changed("cleared", stateName, grainId, grainState.ETag, current);
        }

        Empty(grainState);
    }

    private void Empty<T>(IGrainState<T> grainState)
    {
        grainState.State = activators.GetActivator<T>().Create();
        grainState.ETag = null;
        grainState.RecordExists = false;
    }

    private string StateKey(string stateName, GrainId grainId) => $"{root}{TableKeys.Segment(stateName)}/{TableKeys.Segment(grainId)}";

    private static Precondition ExpectationOf(string stateName, GrainId grainId, string? etag) =>
        etag is null ? Precondition.Missing : Precondition.AtRevision(RevisionOf(stateName, grainId, etag));

    private static long RevisionOf(string stateName, GrainId grainId, string etag) =>
        TableKeys.Revision(etag) is { } revision and > 0
            ? revision
            : throw new InconsistentStateException(
                $"The ETag '{etag}' of state {stateName} of {grainId} is none of this storage's.", storedEtag: "", currentEtag: etag);

    private static InconsistentStateException Changed(string what, string stateName, GrainId grainId, string? etag, long? current) => new(
        $"State {stateName} of {grainId} could not be {what}: it changed since it was read.",
        current is { } revision and > 0 ? TableKeys.ETag(revision) : "missing",
        etag ?? "missing");
}
