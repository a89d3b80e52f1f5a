using RaftKv.Simulation.Clients;

namespace RaftKv.Simulation.Checking;

/// <summary>What an operation does to one key. A key's state is a number, or <see cref="Keys.Missing"/>.</summary>
internal enum KeyEffect : byte
{
    /// <summary>Saw <see cref="KeyOperation.Observed"/>.</summary>
    Read,

    /// <summary>Wrote <see cref="KeyOperation.Written"/>, blindly.</summary>
    Write,

    /// <summary>
    /// Saw <see cref="KeyOperation.Observed"/> and put <see cref="KeyOperation.Written"/> in its place.
    /// </summary>
    Swap,

    /// <summary>
    /// Wrote <see cref="KeyOperation.Written"/> if it saw <see cref="KeyOperation.Observed"/>, else nothing.
    /// </summary>
    CompareAndSwap,

    /// <summary>Added <see cref="KeyOperation.Written"/>, which gave <see cref="KeyOperation.Observed"/>.</summary>
    Add,

    /// <summary>Added <see cref="KeyOperation.Written"/>; nobody knows what that gave.</summary>
    AddBlindly,
}

/// <summary>
/// One operation as seen by one key. <paramref name="ReturnedAt"/> is the largest long when the client never learned
/// what became of it;
/// such an operation may take effect at any time after its invocation, or never.
/// </summary>
internal readonly record struct KeyOperation(long InvokedAt, long ReturnedAt, KeyEffect Effect, long Observed, long Written)
{
    public bool IsUnknown => ReturnedAt == long.MaxValue;

    /// <summary>Carries the operation out on a state; false when what was observed contradicts it.</summary>
    public bool TryApply(long state, out long next)
    {
        next = state;
        switch (Effect)
        {
            case KeyEffect.Read:
                return state == Observed;
            case KeyEffect.Write:
                next = Written;
                return true;
            case KeyEffect.Swap:
                next = Written;
                return state == Observed;
            case KeyEffect.CompareAndSwap:
                next = state == Observed ? Written : state;
                return true;
            case KeyEffect.Add:
                next = Observed;
                return (state == Keys.Missing ? 0 : state) + Written == Observed;
            case KeyEffect.AddBlindly:
                next = (state == Keys.Missing ? 0 : state) + Written;
                return true;
            default:
                return Check.Unreachable<bool>(Effect);
        }
    }
}

/// <summary>What a checker found.</summary>
internal enum Verdict : byte
{
    Valid,
    Violation,

    /// <summary>The search was given up; never to be counted as valid.</summary>
    Undecided,
}
