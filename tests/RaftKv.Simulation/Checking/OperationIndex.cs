using RaftKv.Core.Raft.Log;
using RaftKv.Core.Replica.Proposals;
using RaftKv.Simulation.Clients;

namespace RaftKv.Simulation.Checking;

/// <summary>Finds the write that an entry is, by the name in its envelope.</summary>
internal sealed class OperationIndex
{
    private readonly Dictionary<(NodeId Origin, ulong Incarnation, long Number), ClientOperation> _byName = [];

    public OperationIndex(List<ClientOperation> operations)
    {
        foreach (ClientOperation operation in operations)
        {
            if (!operation.IsRead && operation.Number > 0)
            {
                _byName.Add((operation.Origin, operation.Incarnation, operation.Number), operation);
            }
        }
    }

    /// <summary>Null when nobody proposed it.</summary>
    public ClientOperation? Find(LogEntry entry) =>
        CommandEnvelope.TryRead(entry.Payload.Span, out NodeId origin, out ulong incarnation, out long number)
            ? _byName.GetValueOrDefault((origin, incarnation, number))
            : null;
}
