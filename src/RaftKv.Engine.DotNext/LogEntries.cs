using DotNext.IO;
using DotNext.Net.Cluster.Consensus.Raft;
using RaftKv.Core.Raft.Log;

namespace RaftKv.Engine.DotNext;

/// <summary>An entry of our log on its way to another member; its kind goes as DotNext's command id.</summary>
internal sealed class SentEntry(LogEntry entry) : IRaftLogEntry
{
    /// <inheritdoc/>
    public long Term => entry.Term.Value;

    /// <inheritdoc/>
    public int? CommandId => (int)entry.Kind;

    /// <inheritdoc/>
    public bool IsSnapshot => false;

    /// <inheritdoc/>
    public long? Length => entry.Payload.Length;

    /// <inheritdoc/>
    public bool IsReusable => true;

    /// <inheritdoc/>
    public bool TryGetMemory(out ReadOnlyMemory<byte> memory)
    {
        memory = entry.Payload;
        return true;
    }

    /// <inheritdoc/>
    public ValueTask WriteToAsync<TWriter>(TWriter writer, CancellationToken token)
        where TWriter : IAsyncBinaryWriter => writer.Invoke(entry.Payload, token);
}

/// <summary>Only where an entry stands and of which term it is; or, as a snapshot, that entries are gone.</summary>
/// <remarks>
/// Danger: 1. Of five members, one answers that it has a snapshot of the leader's term, up to index 50; another and the
/// leader have 100. 2. DotNext's leader takes the middle of the three answers, and commits 100, which two of five hold. So
/// the word that entries are gone has no term, and counts for nothing; the file itself goes another way (RaftCore.Guided).
/// It is said of the leader's last index: a follower refuses a snapshot that is not ahead of its commit index, and then
/// DotNext's leader goes back by one with each round, and offers the same again for good. So it looks anew, from the end.
/// </remarks>
internal sealed class BareEntry(long term, bool isGone) : IRaftLogEntry
{
    /// <inheritdoc/>
    public long Term => term;

    /// <inheritdoc/>
    public int? CommandId => null;

    /// <inheritdoc/>
    public bool IsSnapshot => isGone;

    /// <inheritdoc/>
    public long? Length => 0;

    /// <inheritdoc/>
    public bool IsReusable => true;

    /// <inheritdoc/>
    public bool TryGetMemory(out ReadOnlyMemory<byte> memory)
    {
        memory = default;
        return true;
    }

    /// <inheritdoc/>
    public ValueTask WriteToAsync<TWriter>(TWriter writer, CancellationToken token)
        where TWriter : IAsyncBinaryWriter => ValueTask.CompletedTask;
}
