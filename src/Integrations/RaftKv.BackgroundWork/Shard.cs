using RaftKv.Client;

namespace RaftKv.BackgroundWork;

/// <summary>A shard that this process has for now.</summary>
/// <param name="Index">From 0, below <see cref="ShardingOptions.ShardCount"/>.</param>
/// <param name="Fence">For <see cref="WriteOptions.Fence"/>: the write is applied only while this process has the shard.</param>
public sealed record Shard(int Index, Fence Fence)
{
    /// <summary>Larger than that of every process that had this shard before.</summary>
    public long FencingToken => Fence.Token;
}
