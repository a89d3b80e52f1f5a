using RaftKv.Core;
using RaftKv.Core.Reads;

namespace RaftKv.Service.Refusals;

/// <summary>What a refused read had asked for, and what this node had instead; both go into the problem.</summary>
/// <param name="Asked">The level and its bounds.</param>
/// <param name="NeededRevision">The revision that token or query name; zero when none.</param>
/// <param name="Available">The node's state at the refusal.</param>
/// <param name="StalenessMs">The proven bound of its age then; null when nothing is proven.</param>
/// <param name="Role">The node's role then, as the API names it.</param>
/// <param name="Leader">Name of the leader as far as known; null when none.</param>
public sealed record UnmetRead(
    ReadTerms Asked, Revision NeededRevision, ReadPoint Available, long? StalenessMs, string Role, string? Leader);
