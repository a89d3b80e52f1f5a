using RaftKv.Engine.Conformance;
using RaftKv.Engine.Conformance.Toy;

namespace RaftKv.Tests.Engine;

/// <summary>A second engine, made of the seam's parts and of nothing of our Raft, keeps the promises too.</summary>
public sealed class SecondEngineTests : EngineConformance
{
    protected override IEngineCluster Make(int engines) => new ToyCluster(engines);
}

/// <summary>Also about time.</summary>
public sealed class SecondEngineTimeTests : EngineTimeConformance
{
    protected override IEngineCluster Make(int engines) => new ToyCluster(engines);
}
