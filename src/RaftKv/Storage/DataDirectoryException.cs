namespace RaftKv.Storage;

/// <summary>The data directory can't be used by this process; the message says why, and what to do.</summary>
public sealed class DataDirectoryException(string message, Exception? inner = null) : Exception(message, inner);
