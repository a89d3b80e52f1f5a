using RaftKv.Client;

namespace RaftKv.Scenarios.Support;

/// <summary>What a node says that has not got as far as it was asked for.</summary>
internal static class Refusal
{
    /// <summary>
    /// The read is refused at once as <c>consistency-unmet</c>, with the revision that was asked and a lower one that is
    /// there.
    /// </summary>
    public static async Task IsBehindAsync(Func<Task> read)
    {
        RaftKvConsistencyUnmetException refusal = await Assert.ThrowsAsync<RaftKvConsistencyUnmetException>(read);
        Assert.Equal(503, refusal.Status);
        Assert.True(
            refusal.Available?.Revision < refusal.Asked.Revision,
            $"Asked for revision {refusal.Asked.Revision}, available was {refusal.Available?.Revision}.");
    }
}
