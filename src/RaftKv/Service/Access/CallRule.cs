using RaftKv.Core.Store.Commands;

namespace RaftKv.Service.Access;

/// <summary>What a kind of call needs before anything else, once rights are in force.</summary>
internal enum CallNeed
{
    /// <summary>Root: what nobody has made a rule for, too.</summary>
    Root = 0,

    /// <summary>Nothing: health, the way in, pages without data.</summary>
    Nothing = 1,

    /// <summary>A user, whichever.</summary>
    User = 2,

    /// <summary>A right to an operation.</summary>
    Operation = 3,

    /// <summary>
    /// Rights over keys: of what it reads or watches, which it has to name before it gets a view, and of what it writes, which
    /// is asked for when that is applied.
    /// </summary>
    Keys = 4,
}

/// <summary>The rule of a kind of call; the default is the strictest.</summary>
/// <param name="Operation">For <see cref="CallNeed.Operation"/>.</param>
/// <param name="IsVital">What keeps others alive, or shows that they are: it counts in no share.</param>
internal readonly record struct CallRule(CallNeed Need, OperationRights Operation = OperationRights.None, bool IsVital = false)
{
    /// <summary>True for what goes before all shares.</summary>
    public bool GoesFirst => IsVital || Need == CallNeed.Nothing;

    /// <summary>The same, before all shares.</summary>
    public CallRule Vital => this with { IsVital = true };

    public static CallRule Root => default;

    public static CallRule Nothing => new(CallNeed.Nothing);

    public static CallRule User => new(CallNeed.User);

    public static CallRule Keys => new(CallNeed.Keys);

    public static CallRule Of(OperationRights operation) => new(CallNeed.Operation, operation);
}

/// <summary>What a call is going to read or watch.</summary>
internal readonly record struct KeyDemand(KeyRights Rights, KeyRange Keys);
