using RaftKv.Tests.Architecture.KnownBad.Egg;

namespace RaftKv.Tests.Architecture.KnownBad.Hen;

/// <summary>Knows the egg, by its code only: no signature says so.</summary>
internal static class Hen
{
    public static int Age() => new HenEgg().Days + 1;
}
