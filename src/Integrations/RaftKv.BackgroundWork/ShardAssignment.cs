using System.Text;

namespace RaftKv.BackgroundWork;

/// <summary>Who does what: the same for all who know the same members, even to within one shard, and stable.</summary>
/// <remarks>
/// Each shard goes to the member that scores highest for it (rendezvous hashing) among those that are not full yet; full is
/// the mean, rounded up. So a member that comes or goes moves about as many shards as it has.
/// </remarks>
internal static class ShardAssignment
{
    /// <param name="members">In any order; each once.</param>
    /// <returns>For each shard its member; empty without members.</returns>
    internal static string[] Of(IEnumerable<string> members, int shardCount)
    {
        string[] sorted = [.. members.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        if (sorted.Length == 0)
        {
            return [];
        }

        int room = (shardCount + sorted.Length - 1) / sorted.Length;
        int[] load = new int[sorted.Length];
        string[] owners = new string[shardCount];
        for (int shard = 0; shard < shardCount; shard++)
        {
            int best = -1;
            for (int i = 0; i < sorted.Length; i++)
            {
                if (load[i] < room && (best < 0 || Score(sorted[i], shard) > Score(sorted[best], shard)))
                {
                    best = i;
                }
            }

            load[best]++;
            owners[shard] = sorted[best];
        }

        return owners;
    }

    /// <summary>FNV-1a over the name and the shard, mixed; every process of every version must get the same.</summary>
    private static ulong Score(string member, int shard)
    {
        ulong hash = 14_695_981_039_346_656_037;
        foreach (byte b in Encoding.UTF8.GetBytes(member))
        {
            hash = (hash ^ b) * 1_099_511_628_211;
        }

        hash ^= (uint)shard;
        hash = (hash ^ (hash >> 33)) * 0xFF51AFD7ED558CCD;
        hash = (hash ^ (hash >> 33)) * 0xC4CEB9FE1A85EC53;
        return hash ^ (hash >> 33);
    }
}
