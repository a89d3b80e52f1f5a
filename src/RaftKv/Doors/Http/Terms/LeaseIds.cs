using System.Globalization;
using RaftKv.Core;
using RaftKv.Service.Refusals;

namespace RaftKv.Doors.Http.Terms;

/// <summary>Lease ids as the API shows them: 1 to 16 hex digits.</summary>
public static class LeaseIds
{
    /// <summary>Parses an id, or refuses.</summary>
    public static LeaseId Parse(ReadOnlySpan<char> text) =>
        text.Length is > 0 and <= 16
        && long.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out long id)
        && id > 0
            ? new LeaseId(id)
            : throw ApiException.Invalid("A lease id is 1 to 16 hex digits and not 0, as the grant's answer showed it.");
}
