using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace RaftKv.Core;

/// <summary>
/// Checks that are always on, in Release too. A failed one throws <see cref="InvariantViolationException"/>.
/// </summary>
public static class Check
{
    /// <summary>Throws unless <paramref name="condition"/> holds.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void That([DoesNotReturnIf(false)] bool condition, string statement)
    {
        if (!condition)
        {
            Fail(statement);
        }
    }

    /// <summary>As above, with two values that are formatted only when it fails.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void That([DoesNotReturnIf(false)] bool condition, string statement, long a, long b)
    {
        if (!condition)
        {
            Fail($"{statement} (values: {a}, {b})");
        }
    }

    /// <summary>For the default arm of a switch over a closed set.</summary>
    [DoesNotReturn]
    public static T Unreachable<T>(object? value) =>
        throw new InvariantViolationException($"Unreachable case: {value?.GetType().Name} {value}");

    [DoesNotReturn]
    private static void Fail(string statement) => throw new InvariantViolationException($"Invariant broken: {statement}");
}
