using RaftKv.JepsenStyle.Checkers;
using RaftKv.JepsenStyle.History;

namespace RaftKv.JepsenStyle.Tests;

/// <summary>
/// Tries every order of every choice of unknown operations. Slow, without any cleverness, and so short that one can see
/// it is right.
/// </summary>
internal static class BruteForceChecker
{
    public static bool IsLinearizable(IReadOnlyList<Operation> history)
    {
        Operation[] sure = [.. history.Where(o => o.Outcome == Outcome.Ok)];
        Operation[] unknown = [.. history.Where(o => o.Outcome == Outcome.Info && o.Kind != OperationKind.Read)];
        for (int choice = 0; choice < 1 << unknown.Length; choice++)
        {
            int chosen = choice;
            List<Operation> all = [.. sure, .. unknown.Where((_, i) => (chosen & (1 << i)) != 0)];
            if (HasOrder(all, RegisterModel.Missing))
            {
                return true;
            }
        }

        return false;
    }

    private static bool HasOrder(List<Operation> left, long state)
    {
        if (left.Count == 0)
        {
            return true;
        }

        foreach (Operation first in left)
        {
            // It may come first only when no other had ended before it began.
            bool mayBeFirst = left.All(other => other.Outcome == Outcome.Info || other.EndNs >= first.StartNs);
            if (mayBeFirst && RegisterModel.TryStep(state, first, out long next))
            {
                List<Operation> rest = [.. left.Where(other => !ReferenceEquals(other, first))];
                if (HasOrder(rest, next))
                {
                    return true;
                }
            }
        }

        return false;
    }
}
