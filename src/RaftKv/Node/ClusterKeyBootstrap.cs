using System.Security.Cryptography;
using RaftKv.Core;
using RaftKv.Core.Store.Commands;

namespace RaftKv.Node;

/// <summary>
/// Gives a new cluster its key: whichever node leads while its store has none draws one and proposes it. The first one
/// that is applied stays, so that two leaders of two terms may both try.
/// </summary>
internal static class ClusterKeyBootstrap
{
    private static readonly TimeSpan ProposeTimeout = TimeSpan.FromSeconds(5);

    // Once in the life of a cluster, for the moment between its first leader and the key.
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromMilliseconds(20);

    /// <summary>Proposes a key where that is this node's duty; true once the node's view has one.</summary>
    public static async Task<bool> EnsureAsync(INode node, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!node.View.ClusterKey.IsEmpty)
        {
            return true;
        }

        if (node.Status.Role == Role.Leader)
        {
            byte[] key = RandomNumberGenerator.GetBytes(KvLimits.ClusterKeyBytes);
            byte[] envelope = KvCommandCodec.Encode(new SetClusterKeyCommand(key), node.HeadroomBytes);
            await node.ProposeAsync(envelope, ProposeTimeout, cancellationToken).ConfigureAwait(false);
            if (!node.View.ClusterKey.IsEmpty)
            {
                return true;
            }
        }

        await Task.Delay(LookAgainAfter, time, cancellationToken).ConfigureAwait(false);
        return !node.View.ClusterKey.IsEmpty;
    }
}
