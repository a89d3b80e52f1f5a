using System.Globalization;
using System.Text;

namespace RaftKv.Core.Store.Commands;

/// <summary>
/// The keys behind locks, semaphores and elections. They are ordinary keys, so that watches, leases and histories see
/// them:
/// <code>
/// _raftkv/locks/ | _raftkv/semaphores/ | _raftkv/elections/   name   00   x | s | n   00   16 hex digits of the lease
/// </code>
/// One lease has one place in a queue; the key's create revision is the fencing token.
/// </summary>
public static class LockKeys
{
    private const byte Separator = 0;
    private const int LeaseDigits = 16;

    // After the name: separator, mode, separator, lease.
    private const int TailBytes = 3 + LeaseDigits;

    /// <summary>What reserved keys begin with: doors refuse direct writes to single keys there.</summary>
    public static ReadOnlySpan<byte> ReservedPrefix => "_raftkv/"u8;

    /// <summary>True when a client may not write the key directly.</summary>
    public static bool IsReserved(ReadOnlySpan<byte> key) => key.StartsWith(ReservedPrefix);

    /// <summary>What all keys of a kind begin with.</summary>
    public static ReadOnlySpan<byte> PrefixOf(LockKind kind) => kind switch
    {
        LockKind.Lock => "_raftkv/locks/"u8,
        LockKind.Semaphore => "_raftkv/semaphores/"u8,
        LockKind.Election => "_raftkv/elections/"u8,
        _ => throw new InvariantViolationException($"Unreachable case: {kind}"),
    };

    /// <summary>True when the name may be one: 1 to <see cref="KvLimits.MaxLockNameBytes"/> bytes, none of them zero.</summary>
    public static bool IsName(ReadOnlySpan<byte> name) =>
        name.Length is >= 1 and <= KvLimits.MaxLockNameBytes && !name.Contains(Separator);

    /// <summary>What the keys of one queue begin with; a watch of this prefix sees everything that happens to it.</summary>
    public static byte[] QueuePrefix(LockKind kind, ReadOnlySpan<byte> name)
    {
        ReadOnlySpan<byte> prefix = PrefixOf(kind);
        byte[] key = new byte[prefix.Length + name.Length + 1];
        prefix.CopyTo(key);
        name.CopyTo(key.AsSpan(prefix.Length));
        key[^1] = Separator;
        return key;
    }

    /// <summary>The key of a lease's place in a queue.</summary>
    public static byte[] KeyOf(LockKind kind, ReadOnlySpan<byte> name, LockMode mode, LeaseId lease)
    {
        byte[] prefix = QueuePrefix(kind, name);
        byte[] key = new byte[prefix.Length - 1 + TailBytes];
        prefix.CopyTo(key, 0);
        int place = prefix.Length;
        key[place] = LetterOf(mode);
        key[place + 1] = Separator;
        string digits = lease.Value.ToString("x16", CultureInfo.InvariantCulture);
        Encoding.ASCII.GetBytes(digits, key.AsSpan(place + 2));
        return key;
    }

    /// <summary>Reads a key of that kind; false when it is none.</summary>
    public static bool TryParse(LockKind kind, ReadOnlySpan<byte> key, out Range name, out LockMode mode, out LeaseId lease)
    {
        int start = PrefixOf(kind).Length;
        name = default;
        mode = default;
        lease = default;
        if (!key.StartsWith(PrefixOf(kind)) || key.Length < start + 1 + TailBytes)
        {
            return false;
        }

        int end = key.Length - TailBytes;
        ReadOnlySpan<byte> tail = key[end..];
        bool isTail = tail[0] == Separator && tail[2] == Separator && TryMode(tail[1], out mode)
            && long.TryParse(tail[3..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out long id)
            && Take(id, out lease);
        name = start..end;
        return isTail && IsName(key[start..end]);
    }

    private static bool Take(long id, out LeaseId lease)
    {
        lease = new LeaseId(id);
        return id > 0;
    }

    private static byte LetterOf(LockMode mode) => mode switch
    {
        LockMode.Exclusive => (byte)'x',
        LockMode.Shared => (byte)'s',
        LockMode.Counted => (byte)'n',
        _ => Check.Unreachable<byte>(mode),
    };

    private static bool TryMode(byte letter, out LockMode mode)
    {
        mode = letter switch
        {
            (byte)'s' => LockMode.Shared,
            (byte)'n' => LockMode.Counted,
            _ => LockMode.Exclusive,
        };
        return letter is (byte)'x' or (byte)'s' or (byte)'n';
    }
}
