using System.Text;
using System.Text.Json;
using RaftKv.Core;
using RaftKv.Core.Calls;
using RaftKv.Core.Replica;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Locks;
using RaftKv.Doors.Http.Terms;
using RaftKv.Node;

namespace RaftKv.Doors.Rest.Coordination;

/// <summary>Queues of locks and semaphores as JSON.</summary>
internal static class QueueWriter
{
    private static readonly TimeSpan _timesTimeout = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long the leases of the holders still live, as far as a leader says so soon; else unknown, and left out.
    /// </summary>
    public static async ValueTask<IReadOnlyList<LeaseTime>> TimesOfAsync(INode node, LockQueue queue)
    {
        LeaseId[] leases = [.. queue.Entries.Take(Math.Min(queue.HolderCount, ReplicaCore.MaxLeasesPerAsk)).Select(static e => e.Lease)];
        if (leases.Length == 0)
        {
            return [];
        }

        LeaseTimesResult result = await node.LeaseTimesAsync(leases, _timesTimeout, CancellationToken.None);
        return result.IsGranted ? result.Times : [];
    }

    /// <summary>The holders, as an array.</summary>
    public static void WriteHolders(Utf8JsonWriter json, LockQueue queue, IReadOnlyList<LeaseTime> times)
    {
        json.WriteStartArray("holders"u8);
        for (int i = 0; i < queue.HolderCount; i++)
        {
            json.WriteStartObject();
            WriteEntry(json, queue.Entries[i]);
            if (i < times.Count && times[i].Lives)
            {
                json.WriteNumber("remainingMs"u8, times[i].RemainingMs);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>Those who wait, as an array.</summary>
    public static void WriteWaiters(Utf8JsonWriter json, LockQueue queue)
    {
        json.WriteStartArray("queue"u8);
        for (int i = queue.HolderCount; i < queue.Entries.Count; i++)
        {
            json.WriteStartObject();
            WriteEntry(json, queue.Entries[i]);
            json.WriteNumber("position"u8, queue.Entries[i].Position);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteEntry(Utf8JsonWriter json, LockEntry entry)
    {
        json.WriteNumber("fencingToken"u8, entry.Token.Value);
        json.WriteString("owner"u8, Encoding.UTF8.GetString(entry.Owner.Span));
        json.WriteString("lease"u8, entry.Lease.ToString());
        json.WriteString("mode"u8, QueueNames.WordOf(entry.Mode));
    }
}
