using RaftKv.Core.Store.Once;
using RaftKv.Core.Store.Rights;
using RaftKv.Core.Store.Tree;

namespace RaftKv.Core.Store;

/// <summary>The system tree as of one applied entry. Immutable; any thread.</summary>
internal readonly record struct SystemView(
    KeyTreeNode Root, ulong HashSum, long ChargedBytes, ReadOnlyMemory<byte> ClusterKey, long ClusterTimeMs, OnceFacts Once,
    ClusterVersion Version, AccessState Access);
