using System.Security.Cryptography;
using System.Text;
using RaftKv.Contract;
using RaftKv.Core.Store.Commands;
using RaftKv.Service.Refusals;

namespace RaftKv.Doors.Http.Terms;

/// <summary>
/// Idempotency-Key, and the hash by which a repeat is told from another request under the same key: of method, path,
/// query and body.
/// </summary>
internal static class IdempotencyHeader
{
    /// <summary>The key's bytes; null when absent. Quotes around it are no part of it.</summary>
    public static byte[]? Parse(string? text)
    {
        if (text is null)
        {
            return null;
        }

        ReadOnlySpan<char> key = text.Length >= 2 && text[0] == '"' && text[^1] == '"' ? text.AsSpan(1, text.Length - 2) : text;
        return key.Length is >= 1 and <= KvLimits.MaxIdempotencyKeyBytes && !key.ContainsAnyExceptInRange('!', '~')
            ? Encoding.ASCII.GetBytes(key.ToArray())
            : throw ApiException.Invalid(
                $"Idempotency-Key must have 1 to {KvLimits.MaxIdempotencyKeyBytes} visible ASCII characters and no space, such as a UUID.");
    }

    /// <summary>Keeps a body for the hash, when the request is to run once.</summary>
    public static void Note(HttpRequest request, byte[] body)
    {
        if (request.Headers.ContainsKey(HeaderNames.IdempotencyKey) || request.Headers.ContainsKey(HeaderNames.ClientSession))
        {
            request.HttpContext.Items[typeof(IdempotencyHeader)] = body;
        }
    }

    /// <summary>The body that was kept; empty for none.</summary>
    public static byte[] BodyOf(HttpRequest request) =>
        request.HttpContext.Items.TryGetValue(typeof(IdempotencyHeader), out object? body) ? (byte[])body! : [];

    /// <summary>The hash of a request.</summary>
    public static byte[] Hash(string method, ReadOnlySpan<char> path, ReadOnlySpan<char> query, ReadOnlySpan<byte> body)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, method);
        Append(hash, path);
        Append(hash, query);
        hash.AppendData(body);
        return hash.GetHashAndReset()[..KvLimits.PayloadHashBytes];
    }

    // A zero byte ends each part: none of them can hold one.
    private static void Append(IncrementalHash hash, ReadOnlySpan<char> part)
    {
        hash.AppendData(Encoding.UTF8.GetBytes(part.ToArray()));
        hash.AppendData([0]);
    }
}
