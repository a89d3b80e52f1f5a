// Two namespaces that break the boundary on purpose: CoreBoundaryTests must find them in this very assembly.
namespace RaftKv.Core.Tests.Architecture.KnownBad.Left
{
    internal static class UsesTheMachine
    {
        public static int Counter = 1;

        public static string Go() =>
            File.Exists("x" + Environment.ProcessId)
                ? Guid.NewGuid().ToString()
                : DateTime.UtcNow.Ticks.ToString(System.Globalization.CultureInfo.CurrentCulture);

        public static async Task WaitAsync() => await Task.Yield();
    }

    internal static class UsesTheOtherSideInABody
    {
        public static int Go() => new List<int>(Right.Other.Values).Count;
    }

    internal sealed class UsesTheOtherSideAsAnArgument
    {
        public IReadOnlyList<Right.Thing> Things { get; } = [];
    }
}

namespace RaftKv.Core.Tests.Architecture.KnownBad.Right
{
    internal static class Other
    {
        public static int[] Values => [1];
    }

    internal sealed class Thing;
}
