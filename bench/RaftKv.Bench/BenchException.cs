namespace RaftKv.Bench;

/// <summary>The run can't be done as asked; the message is for the person at the terminal.</summary>
internal sealed class BenchException(string message) : Exception(message);
