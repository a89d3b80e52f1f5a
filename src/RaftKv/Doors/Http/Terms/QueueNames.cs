using System.Text;
using System.Text.Unicode;
using RaftKv.Contract;
using RaftKv.Core;
using RaftKv.Core.Store.Commands;
using RaftKv.Service.Refusals;

namespace RaftKv.Doors.Http.Terms;

/// <summary>Names of locks, semaphores and elections, and the words for their kinds.</summary>
internal static class QueueNames
{
    /// <summary>A name from a path or a header.</summary>
    public static byte[] Decode(ReadOnlySpan<char> encoded) => Checked(PercentCoding.DecodePath(encoded));

    /// <summary>A name from a body.</summary>
    public static byte[] FromText(string? text) =>
        Checked(Encoding.UTF8.GetBytes(text ?? throw ApiException.Invalid("The name of the lock is missing.")));

    /// <summary>Text of a name; names are always valid UTF-8.</summary>
    public static string TextOf(ReadOnlyMemory<byte> name) => Encoding.UTF8.GetString(name.Span);

    /// <summary>The kind that a word names.</summary>
    public static LockKind KindOf(string? word) => word switch
    {
        null or LockKinds.Lock => LockKind.Lock,
        LockKinds.Semaphore => LockKind.Semaphore,
        LockKinds.Election => LockKind.Election,
        _ => throw ApiException.Invalid("kind must be lock, semaphore or election."),
    };

    /// <summary>The word for a kind.</summary>
    public static string WordOf(LockKind kind) => kind switch
    {
        LockKind.Lock => LockKinds.Lock,
        LockKind.Semaphore => LockKinds.Semaphore,
        LockKind.Election => LockKinds.Election,
        _ => Check.Unreachable<string>(kind),
    };

    /// <summary>The word for a mode.</summary>
    public static string WordOf(LockMode mode) => mode switch
    {
        LockMode.Exclusive => LockModes.Exclusive,
        LockMode.Shared => LockModes.Shared,
        LockMode.Counted => LockModes.Counted,
        _ => Check.Unreachable<string>(mode),
    };

    // 1. Somebody asks for DELETE /locks/.. of his HTTP client. 2. It, or a proxy, folds the path, escaped or not: another call
    // arrives. So nobody can hold what only some could give back.
    private static byte[] Checked(byte[] name) =>
        !LockKeys.IsName(name) || !Utf8.IsValid(name)
            ? throw ApiException.Invalid($"A name has 1 to {KvLimits.MaxLockNameBytes} bytes of UTF-8 and no zero byte.")
        : name.AsSpan() is [(byte)'.'] or [(byte)'.', (byte)'.']
            ? throw ApiException.Invalid("\".\" and \"..\" are no names: HTTP clients and proxies take them out of a path.")
        : name;
}
