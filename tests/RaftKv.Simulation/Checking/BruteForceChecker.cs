namespace RaftKv.Simulation.Checking;

/// <summary>
/// The definition of linearizability, tried out in full: every order, every subset of the unknown. Only for small
/// histories.
/// </summary>
internal static class BruteForceChecker
{
    public static bool IsLinearizable(List<KeyOperation> operations, long initialState) => Search(operations, 0, initialState);

    private static bool Search(List<KeyOperation> operations, int done, long state)
    {
        bool isComplete = true;
        long earliestReturn = long.MaxValue;
        for (int i = 0; i < operations.Count; i++)
        {
            if ((done & (1 << i)) == 0 && !operations[i].IsUnknown)
            {
                isComplete = false;
                earliestReturn = Math.Min(earliestReturn, operations[i].ReturnedAt);
            }
        }

        if (isComplete)
        {
            return true;
        }

        for (int i = 0; i < operations.Count; i++)
        {
            // What was invoked after another returned can't come before it.
            if ((done & (1 << i)) == 0 && operations[i].InvokedAt < earliestReturn
                && operations[i].TryApply(state, out long next) && Search(operations, done | (1 << i), next))
            {
                return true;
            }
        }

        return false;
    }
}
