using RaftKv.Core;
using RaftKv.Core.Reads;
using RaftKv.Core.Store;

namespace RaftKv.Service.Calls;

/// <summary>What an answer was made from.</summary>
/// <param name="View">The view that was read or written.</param>
/// <param name="Term">The term in which it was.</param>
/// <param name="ReadIndex">The confirmed read index, or the index of its own entry; else the applied index of the view.</param>
/// <param name="StalenessMs">Proven bound of its age; null when unknown.</param>
internal readonly record struct ServedRead(StoreView View, ReadLevel Level, Term Term, LogIndex ReadIndex, long? StalenessMs)
{
    // Below zero: unknown. Every call has one of these, and an optional number takes twice the room.
    private readonly long _stalenessMs = StalenessMs ?? -1;

    /// <summary>Proven bound of its age; null when unknown.</summary>
    public long? StalenessMs => _stalenessMs < 0 ? null : _stalenessMs;
}
