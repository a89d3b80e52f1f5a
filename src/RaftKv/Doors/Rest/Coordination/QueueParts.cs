using System.Text;
using System.Text.Json;
using RaftKv.Contract.Bodies;
using RaftKv.Core;
using RaftKv.Core.Store.Locks;
using RaftKv.Doors.Http.Terms;
using RaftKv.Service.Calls;
using RaftKv.Service.Leases;

namespace RaftKv.Doors.Rest.Coordination;

/// <summary>Parts of the answers about queues.</summary>
internal static class QueueParts
{
    private static readonly TimeSpan _glance = TimeSpan.FromSeconds(1);

    /// <summary>How long the leases of the holders still live, as far as a leader says so soon.</summary>
    public static ValueTask<IReadOnlyList<LeaseTime>> TimesOfAsync(ServiceCall call, LockQueue queue) =>
        LeaseDesk.GlanceAsync(call, [.. queue.Entries.Take(queue.HolderCount).Select(static entry => entry.Lease)], _glance);

    /// <summary>The holders.</summary>
    public static IReadOnlyList<HolderBody> Holders(LockQueue queue, IReadOnlyList<LeaseTime> times) =>
    [
        .. queue.Entries.Take(queue.HolderCount).Select((entry, i) =>
            BodyOf(entry) with { RemainingMs = i < times.Count && times[i].Lives ? times[i].RemainingMs : null }),
    ];

    /// <summary>Those who wait.</summary>
    public static IReadOnlyList<HolderBody> Waiters(LockQueue queue) =>
        [.. queue.Entries.Skip(queue.HolderCount).Select(static entry => BodyOf(entry) with { Position = entry.Position })];

    /// <summary>A lock or semaphore in a list.</summary>
    public static QueueEntry EntryOf(ReadOnlyMemory<byte> name, LockQueue queue) => new()
    {
        Name = QueueNames.TextOf(name),
        Holders = Holders(queue, []),
        QueueLength = queue.WaiterCount,
    };

    /// <summary>A semaphore's limit: a number, or the null of one that nobody holds, which is not the same as no member.</summary>
    public static JsonElement LimitOf(LockQueue queue) => queue.Limit > 0
        ? JsonSerializer.SerializeToElement((long)queue.Limit, AnswerJson.Default.Int64)
        : JsonElement.Parse("null"u8);

    private static HolderBody BodyOf(LockEntry entry) => new()
    {
        FencingToken = entry.Token.Value,
        Owner = Encoding.UTF8.GetString(entry.Owner.Span),
        Lease = entry.Lease.ToString(),
        Mode = QueueNames.WordOf(entry.Mode),
    };
}
