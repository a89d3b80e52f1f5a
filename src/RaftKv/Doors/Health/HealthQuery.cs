using Microsoft.AspNetCore.WebUtilities;
using RaftKv.Service.Refusals;

namespace RaftKv.Doors.Health;

/// <summary>What a probe may ask for. A check or an alarm that is not there may be left out all the same, as in etcd.</summary>
internal sealed class HealthQuery
{
    private readonly HashSet<string> _excluded = new(StringComparer.Ordinal);

    /// <summary>?verbose.</summary>
    public bool IsVerbose { get; private set; }

    /// <summary>?serializable=true: without asking others.</summary>
    public bool IsSerializable { get; private set; }

    /// <summary>Parses; throws <see cref="ApiException"/> for a parameter that no probe has.</summary>
    public static HealthQuery Parse(ReadOnlySpan<char> query)
    {
        var parsed = new HealthQuery();
        foreach (QueryStringEnumerable.EncodedNameValuePair pair in new QueryStringEnumerable(query.ToString()))
        {
            string value = pair.DecodeValue().ToString();
            switch (pair.DecodeName().Span)
            {
                case "verbose":
                    parsed.IsVerbose = value != "false";
                    break;
                case "serializable":
                    parsed.IsSerializable = value == "true";
                    break;
                case "exclude":
                    parsed._excluded.Add(value);
                    break;
                default:
                    throw ApiException.Invalid("A probe takes verbose, exclude and serializable.");
            }
        }

        return parsed;
    }

    /// <summary>True when the check or alarm was left out.</summary>
    public bool IsExcluded(string name) => _excluded.Contains(name);
}
