using System.Globalization;
using Microsoft.Extensions.Primitives;
using RaftKv.Contract;
using RaftKv.Core;
using RaftKv.Service.Refusals;

namespace RaftKv.Doors.Http;

/// <summary>
/// If-Match or If-None-Match (RFC 9110, 13.1). A key's strong tag is its mod revision in quotes; other well-formed tags
/// name no state that a key can have. Tag 0 is no tag of a key either, and stands for "missing" in a long poll.
/// </summary>
internal readonly struct EntityTags
{
    private readonly long[]? _strong;
    private readonly long[]? _weak;

    private EntityTags(bool isAny, long[] strong, long[] weak)
    {
        IsGiven = true;
        IsAny = isAny;
        _strong = strong;
        _weak = weak;
    }

    /// <summary>True when the header was sent.</summary>
    public bool IsGiven { get; }

    /// <summary>True for <c>*</c>.</summary>
    public bool IsAny { get; }

    /// <summary>Revisions of the strong tags.</summary>
    public ReadOnlySpan<long> Strong => _strong;

    /// <summary>Revisions of the weak tags.</summary>
    public ReadOnlySpan<long> Weak => _weak;

    /// <summary>The tag of a revision.</summary>
    public static string Format(Revision revision) =>
        string.Create(CultureInfo.InvariantCulture, stackalloc char[32], $"\"{revision.Value}\"");

    /// <summary>Strong comparison, for If-Match: a weak tag matches nothing.</summary>
    public bool MatchesStrongly(Revision? current) =>
        current is not null && (IsAny || Strong.Contains(current.Value.Value));

    /// <summary>Weak comparison, for If-None-Match.</summary>
    public bool MatchesWeakly(Revision? current) =>
        current is not null && (IsAny || Strong.Contains(current.Value.Value) || Weak.Contains(current.Value.Value));

    /// <summary>True when the list names the state "missing" by tag 0.</summary>
    public bool NamesMissing => Strong.Contains(0) || Weak.Contains(0);

    /// <summary>Parses a header; several lines are one list.</summary>
    public static EntityTags Parse(StringValues header, string name)
    {
        if (header.Count == 0)
        {
            return default;
        }

        // By far the most common form is one strong tag.
        if (header.Count == 1 && header[0] is { Length: > 2 } one && one[0] == '"' && TryNumber(one.AsSpan(1, one.Length - 2), out long only)
            && one[^1] == '"')
        {
            return new EntityTags(isAny: false, [only], []);
        }

        ReadOnlySpan<char> list = header.ToString().AsSpan().Trim();
        if (list is "*")
        {
            return new EntityTags(isAny: true, [], []);
        }

        return ParseList(list, name);
    }

    private static EntityTags ParseList(ReadOnlySpan<char> list, string name)
    {
        var strong = new List<long>();
        var weak = new List<long>();
        int count = 0;
        while (true)
        {
            list = list.TrimStart(" \t,");
            if (list.IsEmpty)
            {
                break;
            }

            bool isWeak = list.StartsWith("W/", StringComparison.Ordinal);
            ReadOnlySpan<char> tag = isWeak ? list[2..] : list;
            int close = tag.Length > 0 && tag[0] == '"' ? tag[1..].IndexOf('"') : -1;
            if (close < 0 || ++count > ApiLimits.MaxEntityTags)
            {
                throw Malformed(name);
            }

            if (TryNumber(tag.Slice(1, close), out long revision))
            {
                (isWeak ? weak : strong).Add(revision);
            }

            list = tag[(close + 2)..].TrimStart(" \t");
            if (!list.IsEmpty && list[0] != ',')
            {
                throw Malformed(name);
            }
        }

        return count > 0 ? new EntityTags(isAny: false, [.. strong], [.. weak]) : throw Malformed(name);
    }

    // Revisions are canonical decimal: "05" is a well-formed tag, but not the tag of revision 5.
    private static bool TryNumber(ReadOnlySpan<char> text, out long number)
    {
        number = 0;
        return text.Length is > 0 and <= 19
            && (text.Length == 1 || text[0] != '0')
            && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }

    private static ApiException Malformed(string name) => ApiException.Invalid(
        $"{name} must be * or a list of at most {ApiLimits.MaxEntityTags} quoted entity tags, such as \"42\": "
        + "the ETag of an earlier answer, quotes included.");
}
