namespace RaftKv.Tests.Architecture.KnownBad.Egg;

/// <summary>Knows the hen, in a lambda.</summary>
internal sealed class HenEgg
{
    private static readonly Func<int> _age = static () => Hen.Hen.Age();

    public int Days => _age() > 0 ? 1 : 0;
}
