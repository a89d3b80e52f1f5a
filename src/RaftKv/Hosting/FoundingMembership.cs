using RaftKv.Core.Identity;
using RaftKv.Core.Raft.Members;

namespace RaftKv.Hosting;

/// <summary>The members of a cluster before the first entry of its log: those that founded it.</summary>
internal static class FoundingMembership
{
    /// <summary>Puts it together; the same on each founder.</summary>
    /// <param name="list">The cluster list; empty for a cluster of one without a list.</param>
    /// <param name="ownPeerUrl">The address of that one.</param>
    public static Membership Of(FoundingRoll roll, IReadOnlyList<NamedUrl> list, string ownPeerUrl) => new(
        roll.Seats.Select(static seat => seat.Instance),
        details: roll.Seats.Select(seat => new Member(
            seat.Instance, seat.Name, list.FirstOrDefault(member => member.Name == seat.Name)?.Url.ToString() ?? ownPeerUrl)));
}
