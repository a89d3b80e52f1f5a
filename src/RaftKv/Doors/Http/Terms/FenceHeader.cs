using System.Globalization;
using Microsoft.Extensions.Primitives;
using RaftKv.Core;
using RaftKv.Core.Store.Commands;
using RaftKv.Service.Refusals;

namespace RaftKv.Doors.Http.Terms;

/// <summary>
/// RaftKv-Fence: <c>NAME;token=N</c>, optionally <c>;kind=election</c> or <c>;kind=semaphore</c>; several separated by
/// commas. The name is percent-encoded, so that it may hold anything.
/// </summary>
internal static class FenceHeader
{
    private const string Form = "RaftKv-Fence must be NAME;token=N, with the name percent-encoded and optionally ;kind=lock, semaphore or election.";

    /// <summary>All fences of a request; null for none.</summary>
    public static IReadOnlyList<Fence>? Parse(StringValues lines)
    {
        if (lines.Count == 0)
        {
            return null;
        }

        var fences = new List<Fence>();
        foreach (string? line in lines)
        {
            foreach (string part in (line ?? "").Split(','))
            {
                fences.Add(ParseOne(part.Trim()));
            }
        }

        return fences.Count <= KvLimits.MaxFences
            ? fences
            : throw ApiException.Invalid($"A request may have at most {KvLimits.MaxFences} fences.");
    }

    private static Fence ParseOne(string text)
    {
        string[] parts = text.Split(';', StringSplitOptions.TrimEntries);
        byte[] name = QueueNames.Decode(parts[0]);
        long token = 0;
        LockKind? kind = null;
        foreach (string part in parts.Skip(1))
        {
            if (part.StartsWith("token=", StringComparison.Ordinal) && token == 0
                && long.TryParse(part.AsSpan(6), NumberStyles.None, CultureInfo.InvariantCulture, out long number) && number > 0)
            {
                token = number;
            }
            else if (part.StartsWith("kind=", StringComparison.Ordinal) && kind is null)
            {
                kind = QueueNames.KindOf(part[5..]);
            }
            else
            {
                throw ApiException.Invalid(Form);
            }
        }

        return token > 0 ? new Fence(kind ?? LockKind.Lock, name, new Revision(token)) : throw ApiException.Invalid(Form);
    }
}
