using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Rights;
using RaftKv.Service.Refusals;

namespace RaftKv.Service.Access;

/// <summary>
/// Who makes a call, by which rule, and what it is going to read: the one place that decides what a call may be shown.
/// Writes are decided where they are applied. One call's flow only.
/// </summary>
/// <remarks>
/// Rights are those of the newest view of this node, and never older than the view that is read: never those of the
/// revision that is read. A call that names nothing that it reads is root's.
/// </remarks>
internal sealed class CallAccess
{
    private readonly AccessDesk _desk;
    private List<KeyDemand>? _demands;

    public CallAccess(AccessDesk desk) => _desk = desk;

    /// <summary>Who calls.</summary>
    public Caller Caller { get; private set; } = Caller.Anonymous;

    /// <summary>The rule of its kind.</summary>
    public CallRule Rule { get; private set; } = CallRule.Keys;

    /// <summary>Says who calls, and by which rule.</summary>
    public void Is(Caller caller, CallRule rule) => (Caller, Rule) = (caller, rule);

    /// <summary>Says what is going to be read or watched; all of it before the first view.</summary>
    public void WillRead(KeyRange keys, KeyRights rights = KeyRights.Read) => (_demands ??= []).Add(new KeyDemand(rights, keys));

    /// <summary>Says that every compare and operation of a txn is going to be read.</summary>
    public void WillRead(TxnOp txn)
    {
        _demands ??= [];
        foreach (Compare compare in txn.Compares)
        {
            WillRead(compare.Keys);
        }

        foreach (KvOp op in txn.Then.Concat(txn.Else))
        {
            switch (op)
            {
                case RangeOp range:
                    WillRead(range.Request.Keys);
                    break;
                case TxnOp nested:
                    WillRead(nested);
                    break;
                default:
                    // Nobody reads it, so nobody but root passes.
                    WillRead(KeyRange.All, KeyRights.All);
                    break;
            }
        }
    }

    /// <summary>Why the call may not go on, by the newest rights here and those of a view; null when it may.</summary>
    /// <param name="view">What is going to be read.</param>
    public ApiError? Refusal(StoreView view) =>
        Rule.Need != CallNeed.Nothing && InForce(view) is { IsRoot: false } rights ? ByRule(rights) ?? ByKeys(rights) : null;

    /// <summary>The same before anything is read: what the rule alone says.</summary>
    public ApiError? RefusalByRule(StoreView view) =>
        Rule.Need != CallNeed.Nothing && InForce(view) is { IsRoot: false } rights ? ByRule(rights) : null;

    /// <summary>Why one right over keys is not there; null when it is.</summary>
    public ApiError? RefusalOf(StoreView view, KeyRights needed, KeyRange keys) =>
        InForce(view) is { } rights && !rights.Allows(needed, keys) ? Denied(AccessErrors.Denied(needed, OperationRights.None)) : null;

    /// <summary>Why an operation is not allowed; null when it is.</summary>
    public ApiError? RefusalOf(StoreView view, OperationRights needed) =>
        InForce(view) is { } rights && !rights.Allows(needed) ? Denied(AccessErrors.Denied(KeyRights.None, needed)) : null;

    /// <summary>True when the caller may do everything, or rights are not in force.</summary>
    public bool IsRoot(StoreView view) => InForce(view) is null or { IsRoot: true };

    /// <summary>Why one of some keys may not be shown; null when all may.</summary>
    public ApiError? RefusalOfKeys(StoreView view, IEnumerable<ReadOnlyMemory<byte>> keys) =>
        InForce(view) is { } rights && !keys.All(key => rights.Allows(KeyRights.Read, KeyRange.Single(key)))
            ? Denied(AccessErrors.Denied(KeyRights.Read, OperationRights.None))
            : null;

    // The caller's rights by the newest view; null while rights are not in force.
    private UserRights? InForce(StoreView view)
    {
        StoreView newest = _desk.NewestOf(view);
        return newest.Access.IsEnabled ? _desk.RightsOf(newest, Caller) : null;
    }

    private ApiError? ByRule(UserRights rights)
    {
        // Somebody unknown has rights only by the role of the anonymous.
        bool mayBeAnonymous = rights.IsKnown || Caller.IsAnonymous;
        return Rule.Need switch
        {
            CallNeed.User => rights.IsKnown ? null : AccessErrors.Unauthenticated(),
            CallNeed.Operation => rights.Allows(Rule.Operation) ? null : Denied(AccessErrors.Denied(KeyRights.None, Rule.Operation)),
            CallNeed.Keys => mayBeAnonymous && (rights.IsKnown || rights.HasAny) ? null : AccessErrors.Unauthenticated(),
            _ => Denied(AccessErrors.NeedsRoot()),
        };
    }

    private ApiError? ByKeys(UserRights rights)
    {
        if (_demands is not { Count: > 0 } demands)
        {
            return Rule.Need == CallNeed.Keys ? Denied(AccessErrors.NeedsRoot()) : null;
        }

        foreach (KeyDemand demand in demands)
        {
            if (!rights.Allows(demand.Rights, demand.Keys))
            {
                return Denied(AccessErrors.Denied(demand.Rights, OperationRights.None));
            }
        }

        return null;
    }

    // Who has not said who he is, is asked for that first.
    private ApiError Denied(ApiError error) => Caller.IsAnonymous ? AccessErrors.Unauthenticated() : error;
}
