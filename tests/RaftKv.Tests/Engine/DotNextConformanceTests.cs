using RaftKv.Engine.Conformance;
using RaftKv.Tests.Node;

namespace RaftKv.Tests.Engine;

/// <summary>DotNext's Raft over our log keeps what every engine must: real HTTP between three hosts in this process.</summary>
public sealed class DotNextConformanceTests : EngineConformance
{
    protected override IEngineCluster Make(int engines) => new OwnEngineCluster(engines, isDotNext: true);
}

/// <summary>Also about time.</summary>
public sealed class DotNextTimeConformanceTests : EngineTimeConformance
{
    protected override IEngineCluster Make(int engines) => new OwnEngineCluster(engines, isDotNext: true);
}
