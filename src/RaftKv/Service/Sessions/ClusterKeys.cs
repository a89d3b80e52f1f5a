using System.Security.Cryptography;
using RaftKv.Core;

namespace RaftKv.Service.Sessions;

/// <summary>
/// What this node signs with: one key for each purpose, made from the cluster's key, so that a signature for one purpose
/// never passes for the other. Immutable; any thread.
/// </summary>
public sealed class ClusterKeys
{
    /// <summary>Bytes of a signature: HMAC-SHA256, cut in half.</summary>
    public const int MacBytes = 16;

    private readonly byte[] _session;
    private readonly byte[] _receipt;
    private readonly byte[] _login;

    /// <summary>Derives the keys.</summary>
    /// <param name="clusterKey">The cluster's key, 32 bytes, the same on every node.</param>
    public ClusterKeys(ReadOnlyMemory<byte> clusterKey)
    {
        Check.That(clusterKey.Length >= 16, "a cluster key has at least 16 bytes", clusterKey.Length, 16);
        ClusterKey = clusterKey;
        _session = HMACSHA256.HashData(clusterKey.Span, "raftkv session token 2"u8);
        _receipt = HMACSHA256.HashData(clusterKey.Span, "raftkv receipt 1"u8);
        _login = HMACSHA256.HashData(clusterKey.Span, "raftkv login token 1"u8);
    }

    /// <summary>The key that these were made from.</summary>
    public ReadOnlyMemory<byte> ClusterKey { get; }

    /// <summary>Signs the payload of a session token.</summary>
    public void SignSession(ReadOnlySpan<byte> payload, Span<byte> mac) => Sign(_session, payload, mac);

    /// <summary>Signs a receipt.</summary>
    public void SignReceipt(ReadOnlySpan<byte> payload, Span<byte> mac) => Sign(_receipt, payload, mac);

    /// <summary>True when the signature is ours; takes the same time whatever differs.</summary>
    public bool IsSessionSignature(ReadOnlySpan<byte> payload, ReadOnlySpan<byte> mac) => IsSignature(_session, payload, mac);

    /// <summary>True when the signature of a receipt is ours.</summary>
    public bool IsReceiptSignature(ReadOnlySpan<byte> payload, ReadOnlySpan<byte> mac) => IsSignature(_receipt, payload, mac);

    /// <summary>Signs a token of a login.</summary>
    public void SignLogin(ReadOnlySpan<byte> payload, Span<byte> mac) => Sign(_login, payload, mac);

    /// <summary>True when the signature of a login's token is ours.</summary>
    public bool IsLoginSignature(ReadOnlySpan<byte> payload, ReadOnlySpan<byte> mac) => IsSignature(_login, payload, mac);

    private static void Sign(byte[] key, ReadOnlySpan<byte> payload, Span<byte> mac)
    {
        Span<byte> whole = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, payload, whole);
        whole[..MacBytes].CopyTo(mac);
    }

    private static bool IsSignature(byte[] key, ReadOnlySpan<byte> payload, ReadOnlySpan<byte> mac)
    {
        Span<byte> expected = stackalloc byte[MacBytes];
        Sign(key, payload, expected);
        return CryptographicOperations.FixedTimeEquals(expected, mac);
    }
}
