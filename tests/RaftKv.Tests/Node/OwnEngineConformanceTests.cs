using RaftKv.Engine;
using RaftKv.Engine.Conformance;

namespace RaftKv.Tests.Node;

/// <summary>Our own engine keeps what every engine must.</summary>
public sealed class OwnEngineConformanceTests : EngineConformance
{
    protected override IEngineCluster Make(int engines) => new OwnEngineCluster(engines);
}

/// <summary>Also about time.</summary>
public sealed class OwnEngineTimeConformanceTests : EngineTimeConformance
{
    protected override IEngineCluster Make(int engines) => new OwnEngineCluster(engines);
}

/// <summary>Our own engine, on disks that a loss of power can be tried on.</summary>
internal sealed class OwnEngineCluster(int engines, bool isDotNext = false) : IEngineCluster
{
    private readonly TestCluster _cluster = new(engines, disks: new PowerCutDisks(seed: 1), isDotNext: isDotNext);

    public IEngine this[int index] => _cluster[index];

    public void Start(int index) => _cluster.Start(index);

    public Task StopAsync(int index) => _cluster.StopAsync(index);

    public Task CutPowerAsync(int index) => _cluster.CutPowerAsync(index);

    public void CutOff(int index) => _cluster.Network.CutOff(_cluster[index].Identity.Id);

    public void Mend(int index) => _cluster.Network.Heal(_cluster[index].Identity.Id);

    public Task<int> LeaderAsync() => _cluster.LeaderAsync();

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();
}
