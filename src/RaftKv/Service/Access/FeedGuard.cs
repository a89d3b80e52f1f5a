using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Rights;
using RaftKv.Service.Refusals;

namespace RaftKv.Service.Access;

/// <summary>
/// Asks whether a feed may go on: before its first change, and again whenever the rights have changed (S2). One flow only.
/// </summary>
internal sealed class FeedGuard(CallAccess access, KeyRange keys, KeyRights rights)
{
    private AccessState? _asked;
    private ApiError? _refusal;

    /// <summary>Why it may not; null when it may.</summary>
    public ApiError? Refusal(StoreView view)
    {
        // A proof with an end may be over by now, though no right has changed.
        if (_asked != view.Access || access.Caller.EndsMs != 0)
        {
            _refusal = access.RefusalOf(view, rights, keys);
            _asked = view.Access;
        }

        return _refusal;
    }
}
