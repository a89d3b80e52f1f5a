namespace RaftKv.Core.Messages;

/// <summary>
/// What one node tells another: of Raft, or of the replica around it. Immutable: the simulator hands the same object to
/// several nodes.
/// </summary>
/// <param name="From">The sender.</param>
/// <param name="To">The receiver.</param>
/// <param name="Term">The term that the sender speaks of: its own, unless the case says otherwise.</param>
public abstract record Message(NodeId From, NodeId To, Term Term);
