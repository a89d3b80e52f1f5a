using System.Text;

namespace RaftKv.Client;

/// <summary>A key: 1 to 65,535 bytes, any bytes. Text converts by itself, as UTF-8.</summary>
/// <remarks>
/// The conversions are implicit so that each verb needs one overload for text and bytes alike; both directions lose
/// nothing.
/// Bytes are not copied: don't change the array while a call runs. Equality is by content.
/// <code>
/// RaftKvKey text = "app/flag";
/// RaftKvKey binary = new byte[] { 0x00, 0xFF };
/// </code>
/// </remarks>
public readonly struct RaftKvKey : IEquatable<RaftKvKey>
{
    /// <summary>Longest key that a server takes, in bytes.</summary>
    public const int MaxBytes = 65_535;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>A key of these bytes.</summary>
    /// <exception cref="ArgumentException">Empty, or longer than <see cref="MaxBytes"/>.</exception>
    public RaftKvKey(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length is 0 or > MaxBytes)
        {
            throw new ArgumentException($"A key has 1 to {MaxBytes} bytes; this one has {bytes.Length}.", nameof(bytes));
        }

        Bytes = bytes;
    }

    /// <summary>A key of this text's UTF-8 bytes.</summary>
    /// <exception cref="ArgumentException">Empty, too long, or holding half of a surrogate pair.</exception>
    public RaftKvKey(string text)
        : this(Encode(text))
    {
    }

    /// <summary>The key's bytes; empty only for <c>default</c>, which no call accepts.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>Text to key.</summary>
    public static implicit operator RaftKvKey(string text) => new(text);

    /// <summary>Bytes to key.</summary>
    public static implicit operator RaftKvKey(byte[] bytes) => new((bytes ?? throw new ArgumentNullException(nameof(bytes))).AsMemory());

    /// <summary>Bytes to key.</summary>
    public static implicit operator RaftKvKey(ReadOnlyMemory<byte> bytes) => new(bytes);

    /// <summary>Same bytes.</summary>
    public static bool operator ==(RaftKvKey left, RaftKvKey right) => left.Equals(right);

    /// <summary>Other bytes.</summary>
    public static bool operator !=(RaftKvKey left, RaftKvKey right) => !left.Equals(right);

    /// <inheritdoc/>
    public bool Equals(RaftKvKey other) => Bytes.Span.SequenceEqual(other.Bytes.Span);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is RaftKvKey other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        hash.AddBytes(Bytes.Span);
        return hash.ToHashCode();
    }

    /// <summary>The text when the bytes are UTF-8, else <c>base64url:</c> and the bytes.</summary>
    public override string ToString() =>
        TryGetText(out string? text) ? text : "base64url:" + System.Buffers.Text.Base64Url.EncodeToString(Bytes.Span);

    /// <summary>True, and the text, when the bytes are valid UTF-8.</summary>
    public bool TryGetText([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out string? text)
    {
        if (!System.Text.Unicode.Utf8.IsValid(Bytes.Span))
        {
            text = null;
            return false;
        }

        text = StrictUtf8.GetString(Bytes.Span);
        return true;
    }

    /// <summary>Guards every verb against <c>default(RaftKvKey)</c>.</summary>
    internal RaftKvKey OrThrow(string parameterName) =>
        Bytes.IsEmpty ? throw new ArgumentException("A key must not be empty.", parameterName) : this;

    private static ReadOnlyMemory<byte> Encode(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return StrictUtf8.GetBytes(text);
    }
}
