using RaftKv.Core.Store.Commands;

namespace RaftKv.Core.Store.Quotas;

/// <summary>An alarm that is raised.</summary>
/// <param name="Node">The member that it is about; none when it is about the whole cluster.</param>
public sealed record Alarm(AlarmKind Kind, NodeId Node, AlarmCause Cause);
