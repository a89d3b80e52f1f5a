using RaftKv.Core.Store;
using RaftKv.Service.Refusals;

namespace RaftKv.Service.Reads;

/// <summary>How a read ended; exactly one of the three is set.</summary>
/// <param name="View">The view to read from, at the level that was asked for.</param>
/// <param name="Refusal">Why nothing may be read here.</param>
/// <param name="Leader">Where the leader serves its clients: the read is to go on there.</param>
internal readonly record struct ReadOutcome(StoreView? View, ApiError? Refusal, Uri? Leader)
{
    public static ReadOutcome Of(StoreView view) => new(view, null, null);

    public static ReadOutcome Refused(ApiError error) => new(null, error, null);

    public static ReadOutcome At(Uri leader) => new(null, null, leader);
}
