using RaftKv.JepsenStyle.History;

namespace RaftKv.JepsenStyle.Checkers;

/// <summary>One key as a sequential register: the specification that a history is held against.</summary>
internal static class RegisterModel
{
    /// <summary>The state of a key that does not exist.</summary>
    public const long Missing = long.MinValue;

    /// <summary>True when the operation could have happened in this state with the answer it got.</summary>
    public static bool TryStep(long state, Operation operation, out long next)
    {
        next = state;
        switch (operation.Kind)
        {
            case OperationKind.Read:
                return (operation.Result ?? Missing) == state;
            case OperationKind.Write:
                next = operation.Value!.Value;
                return true;
            case OperationKind.CompareAndSet when !operation.IsMatched:
                return (operation.Expected ?? Missing) != state;
            case OperationKind.CompareAndSet:
                next = operation.Value!.Value;
                return (operation.Expected ?? Missing) == state;
            default:
                throw new InvalidOperationException($"A register knows no {operation.Kind}.");
        }
    }
}
