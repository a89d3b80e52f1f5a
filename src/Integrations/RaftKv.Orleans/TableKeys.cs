using System.Globalization;
using Orleans.Runtime;

namespace RaftKv.Orleans;

/// <summary>
/// The keys of Orleans' tables. Ids and names are escaped, so that a slash always ends a segment, and no id reaches into
/// another one's keys.
/// </summary>
/// <remarks>
/// <code>
/// {root}{cluster}/membership/alive/{silo}      when the silo last said that it lives
/// {root}{cluster}/membership/silo/{silo}       a row
/// {root}{cluster}/membership/version           the version of the table
/// {root}{cluster}/directory/{name}/grain/{grain}         where a grain is
/// {root}{cluster}/directory/{name}/silo/{silo}/{grain}   which grains a silo has
/// {root}{service}/reminders/{hash}/{grain}/{name}
/// {root}{service}/state/{storage}/{state}/{grain}
/// </code>
/// </remarks>
internal static class TableKeys
{
    internal static string Membership(string root, string clusterId) => $"{root}{Segment(clusterId)}/membership/";

    internal static string Directory(string root, string clusterId, string name) =>
        $"{root}{Segment(clusterId)}/directory/{Segment(name)}/";

    internal static string Reminders(string root, string serviceId) => $"{root}{Segment(serviceId)}/reminders/";

    internal static string State(string root, string serviceId, string storage) => $"{root}{Segment(serviceId)}/state/{Segment(storage)}/";

    internal static string Segment(string text) => Uri.EscapeDataString(text);

    internal static string Segment(GrainId grain) => Segment(grain.ToString());

    internal static string Segment(SiloAddress silo) => Segment(silo.ToParsableString());

    internal static string ETag(long modRevision) => modRevision.ToString(CultureInfo.InvariantCulture);

    /// <summary>The revision that an ETag of ours names; null for what is none of ours.</summary>
    internal static long? Revision(string? etag) =>
        long.TryParse(etag, NumberStyles.None, CultureInfo.InvariantCulture, out long revision) ? revision : null;
}
