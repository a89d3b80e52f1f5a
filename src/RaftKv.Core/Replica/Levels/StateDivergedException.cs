namespace RaftKv.Core.Replica.Levels;

/// <summary>
/// A majority has another state than this node after the same entry: by a bug, or damaged memory or files here. The node
/// ends, and what it holds is not to be believed again. The message says what was compared.
/// </summary>
public sealed class StateDivergedException(string message) : Exception(message);
