using System.Globalization;
using RaftKv.Core;
using RaftKv.Service.Calls;
using RaftKv.Service.Refusals;

namespace RaftKv.Doors.Http.Terms;

/// <summary>
/// RaftKv-Client-Session: <c>ID;seq=N;ack=M</c>, or the id alone beside an Idempotency-Key. Not RaftKv-Session, which says
/// what a client has seen.
/// </summary>
internal static class ClientSessionHeader
{
    private const string Form = "RaftKv-Client-Session is ID;seq=N;ack=M: the id of POST /api/v1/client-sessions, the request's own "
        + "number from 1, and, if you like, the highest number below it up to which every request is done with.";

    /// <summary>The terms; null when the header is absent. Throws <see cref="ApiException"/>.</summary>
    public static ClientSessionTerms? Parse(string? text, bool hasKey)
    {
        if (text is null)
        {
            return null;
        }

        string[] parts = text.Split(';');
        long sequence = parts.Length > 1 ? Number(parts[1], "seq=") : 0;
        long acknowledged = parts.Length > 2 ? Number(parts[2], "ack=") : 0;
        if (parts.Length > 3 || (parts.Length > 1 && sequence == 0) || (sequence > 0 && acknowledged >= sequence))
        {
            throw ApiException.Invalid(Form);
        }

        if (sequence > 0 == hasKey)
        {
            throw ApiException.Invalid("A write runs once by its Idempotency-Key or by its number in its client session: send one "
                + "of the two.");
        }

        return new ClientSessionTerms(ParseId(parts[0]), sequence, acknowledged);
    }

    /// <summary>A session's id: 16 hex digits. Throws <see cref="ApiException"/>.</summary>
    public static ClientSessionId ParseId(ReadOnlySpan<char> text) =>
        text.Length == 16 && long.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out long id) && id > 0
            ? new ClientSessionId(id)
            : throw ApiException.Invalid("A client session's id is the 16 hex digits that POST /api/v1/client-sessions answered.");

    private static long Number(string part, string name) =>
        part.StartsWith(name, StringComparison.Ordinal)
            && long.TryParse(part.AsSpan(name.Length), NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            ? number
            : throw ApiException.Invalid(Form);
}
