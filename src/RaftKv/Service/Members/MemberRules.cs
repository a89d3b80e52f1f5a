using System.Net;
using RaftKv.Engine;
using RaftKv.Node;
using RaftKv.Service.Calls;
using RaftKv.Service.Refusals;

namespace RaftKv.Service.Members;

/// <summary>What can be said of a member before anybody is asked.</summary>
internal static class MemberRules
{
    private const int MaxNameLength = 63;
    private const int MaxUrlLength = 512;

    /// <summary>Highest priority.</summary>
    public const int MaxPriority = 100;

    /// <summary>Throws when the call asks for what nothing about members can promise.</summary>
    public static void RequirePlain(CallTerms terms)
    {
        if (terms.IsOnce || terms.Fences is not null)
        {
            throw ApiException.Invalid("A change of members takes no Idempotency-Key, number in a client session or fence.");
        }
    }

    /// <summary>Whether a node may be called so.</summary>
    public static bool IsName(string name) =>
        name.Length is > 0 and <= MaxNameLength && name is not ("." or "..")
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_');

    /// <summary>Whether peers can dial it.</summary>
    public static bool IsPeerUrl(string url) =>
        url.Length <= MaxUrlLength && Uri.TryCreate(url, UriKind.Absolute, out Uri? parsed)
        && parsed.Scheme is "http" or "https" && parsed.PathAndQuery == "/" && parsed.Fragment.Length == 0 && parsed.UserInfo.Length == 0
        && !(IPAddress.TryParse(parsed.Host.Trim('[', ']'), out IPAddress? address)
            && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any)));

    /// <summary>The name. Throws when it is none.</summary>
    public static string RequireName(string? name) => name is not null && IsName(name)
        ? name : throw ApiException.Invalid("name is missing or no node name: 1 to 63 letters, digits, dots, dashes or underscores.");

    /// <summary>The address. Throws when it is none.</summary>
    public static string RequirePeerUrl(string? url) => url is not null && IsPeerUrl(url)
        ? url.TrimEnd('/')
        : throw ApiException.Invalid(
            "peerUrl is missing or no address that peers can dial: http://HOST:PORT, not an address that means every interface.");

    /// <summary>Whether a place may be called so; it is called like a node, or not at all.</summary>
    public static bool IsZone(string zone) => zone.Length == 0 || IsName(zone);

    /// <summary>The zone. Throws when it is none.</summary>
    public static string RequireZone(string zone) => IsZone(zone)
        ? zone : throw ApiException.Invalid("zone is none: up to 63 letters, digits, dots, dashes or underscores.");

    /// <summary>The priority. Throws when it is none.</summary>
    public static byte RequirePriority(int priority) => priority is >= 0 and <= MaxPriority
        ? (byte)priority : throw ApiException.Invalid($"priority is {priority}; it is 0 to {MaxPriority}.");

    /// <summary>The member of that id in hex, or of that name. Throws when there is none.</summary>
    public static MemberInfo Require(INode node, ReadOnlySpan<char> text)
    {
        string wanted = text.ToString();
        IReadOnlyList<MemberInfo> members = node.Members;
        return members.FirstOrDefault(member => member.Id.ToString() == wanted)
            ?? members.Where(member => member.Name == wanted).OrderByDescending(member => node.Status.Membership.IsVoter(member.Id))
                .FirstOrDefault()
            ?? throw new ApiException(MemberErrors.Of(MemberProblem.NotFound));
    }
}
