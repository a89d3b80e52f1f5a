using RaftKv.Engine;
using RaftKv.Engine.Conformance;

namespace RaftKv.Tests.Node;

/// <summary>Our own engine keeps what every engine must.</summary>
public sealed class OwnEngineConformanceTests : EngineConformance
{
    protected override IEngineCluster Make(int engines) => new Cluster(new TestCluster(engines));

    private sealed class Cluster(TestCluster cluster) : IEngineCluster
    {
        public IEngine this[int index] => cluster[index];

        public void Start(int index) => cluster.Start(index);

        public Task StopAsync(int index) => cluster.StopAsync(index);

        public void CutOff(int index) => cluster.Network.CutOff(cluster[index].Identity.Id);

        public void Mend(int index) => cluster.Network.Heal(cluster[index].Identity.Id);

        public Task<int> LeaderAsync() => cluster.LeaderAsync();

        public ValueTask DisposeAsync() => cluster.DisposeAsync();
    }
}
