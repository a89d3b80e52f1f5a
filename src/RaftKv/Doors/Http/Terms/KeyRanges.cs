using RaftKv.Contract;
using RaftKv.Core.Store.Commands;
using RaftKv.Service.Refusals;

namespace RaftKv.Doors.Http.Terms;

/// <summary>Checks of keys, and ranges from the forms that the API takes.</summary>
public static class KeyRanges
{
    /// <summary>A key of 1 to 65,535 bytes, or a refusal.</summary>
    public static byte[] Checked(byte[] key)
    {
        if (key.Length == 0)
        {
            throw ApiException.Invalid("A key has at least one byte. To list keys, GET /api/v1/kv?prefix=…");
        }

        return CheckedBound(key);
    }

    /// <summary>The key, or a refusal when it is one of the server's own.</summary>
    public static byte[] Writable(byte[] key) => !LockKeys.IsReserved(key)
        ? key
        : throw ApiException.Invalid(
            "Keys that begin with _raftkv/ belong to locks, semaphores and elections and are written by them only. They can be read and watched.");

    /// <summary>A bound of a range: as a key, but it may be empty.</summary>
    public static byte[] CheckedBound(byte[] key) => key.Length <= ApiLimits.MaxKeyBytes
        ? key
        : throw ApiException.Invalid($"A key has at most {ApiLimits.MaxKeyBytes} bytes; this one is longer.");

    /// <summary>
    /// The range of a prefix, or of start (inclusive) and end (exclusive); all keys when nothing is given.
    /// </summary>
    public static KeyRange From(byte[]? prefix, byte[]? start, byte[]? end)
    {
        if (prefix is not null)
        {
            return start is null && end is null
                ? KeyRange.Prefix(prefix)
                : throw ApiException.Invalid("Give either prefix, or start and end, not both.");
        }

        if (end is null || end.Length == 0)
        {
            return KeyRange.From(start ?? []);
        }

        byte[] first = start ?? [];
        return first.AsSpan().SequenceCompareTo(end) < 0
            ? KeyRange.Between(first, end)
            : throw ApiException.Invalid("end must come after start in byte order; the range is empty.");
    }
}
