namespace RaftKv.EtcdConformance.Servers;

/// <summary>As <see cref="EtcdFactAttribute"/>, with data.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class EtcdTheoryAttribute : TheoryAttribute
{
    public EtcdTheoryAttribute() => Skip = new EtcdFactAttribute().Skip;
}
