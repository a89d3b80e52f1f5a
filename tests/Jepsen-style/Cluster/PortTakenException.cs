namespace RaftKv.JepsenStyle.Cluster;

/// <summary>A node could not be started because somebody else listens on its port: nothing has been tested.</summary>
internal sealed class PortTakenException(string node, Exception inner) : Exception($"{node}: its port was taken by somebody else.", inner);
