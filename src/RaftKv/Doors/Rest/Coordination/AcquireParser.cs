using System.Text;
using RaftKv.Contract;
using RaftKv.Contract.Bodies;
using RaftKv.Core.Store.Commands;
using RaftKv.Doors.Http.Terms;
using RaftKv.Doors.Rest.Bodies;
using RaftKv.Service.Coordination;
using RaftKv.Service.Refusals;

namespace RaftKv.Doors.Rest.Coordination;

/// <summary>Bodies of requests for a lock, a semaphore's place or a leadership.</summary>
internal static class AcquireParser
{
    private const long DefaultTtlMs = 15_000;

    private static readonly TimeSpan _defaultWait = TimeSpan.FromSeconds(30);

    /// <summary>Checks a body; null stands for an empty one.</summary>
    public static AcquireOrder Parse(LockKind kind, byte[] name, AcquireBody? body)
    {
        body ??= new AcquireBody();
        if (body.Ttl is not null && body.Lease is not null)
        {
            throw ApiException.Invalid("Give either ttl, for a lease that is made, or lease, for one of your own.");
        }

        return new AcquireOrder
        {
            Kind = kind,
            Name = name,
            Mode = ModeOf(kind, body.Mode),
            Lease = body.Lease is null ? LeaseEndpoints.NewId() : LeaseIds.Parse(body.Lease),
            OwnTtlMs = body.Lease is not null ? 0 : body.Ttl is null ? DefaultTtlMs : LeaseEndpoints.ParseTtl(body.Ttl),
            Value = ValueOf(kind, body),
            Limit = LimitOf(kind, body.Limit),
            Wait = WaitOf(body.Wait),
        };
    }

    private static LockMode ModeOf(LockKind kind, string? mode)
    {
        if (kind != LockKind.Lock)
        {
            return mode is null
                ? kind == LockKind.Semaphore ? LockMode.Counted : LockMode.Exclusive
                : throw ApiException.Invalid("mode belongs to locks.");
        }

        return mode switch
        {
            null or "exclusive" => LockMode.Exclusive,
            "shared" => LockMode.Shared,
            _ => throw ApiException.Invalid("mode must be exclusive or shared."),
        };
    }

    private static byte[] ValueOf(LockKind kind, AcquireBody body)
    {
        bool isElection = kind == LockKind.Election;
        if (isElection ? body.Owner is not null : body.Value is not null || body.Encoding is not null)
        {
            throw ApiException.Invalid(isElection
                ? "owner belongs to locks and semaphores; an election takes value."
                : "value belongs to elections; here, owner says who asks.");
        }

        byte[] value = isElection ? KeyForm.Value(body.Value ?? "", body.Encoding) : Encoding.UTF8.GetBytes(body.Owner ?? "");
        return value.Length <= KvLimits.MaxOwnerBytes
            ? value
            : throw new ApiException(new ApiError(
                ErrorCode.TooLarge, $"An owner or value may have at most {KvLimits.MaxOwnerBytes} bytes. Nothing was applied."));
    }

    private static int LimitOf(LockKind kind, int? limit)
    {
        if (kind != LockKind.Semaphore)
        {
            return limit is null ? 0 : throw ApiException.Invalid("limit belongs to semaphores.");
        }

        return limit is > 0
            ? limit.Value
            : throw ApiException.Invalid("A semaphore needs its limit, a whole number from 1 on; all who ask for it give the same.");
    }

    private static TimeSpan WaitOf(string? text)
    {
        if (text is null)
        {
            return _defaultWait;
        }

        return Durations.TryParse(text, out TimeSpan wait) && wait <= ApiLimits.MaxTimeout
            ? wait
            : throw ApiException.Invalid($"wait must be {Durations.Form}, from 0s (try once) to 60s.");
    }
}
