using System.Security.Cryptography;
using RaftKv.Diagnostics;
using RaftKv.Node;

namespace RaftKv.Api.Rest;

/// <summary>
/// The accepted writes of this node and this run of it. Bounded: the oldest finished ones are forgotten and are unknown
/// from then on, which is what the answer says. Any thread.
/// </summary>
internal sealed class OperationTable
{
    private readonly INode _node;
    private readonly RestApiOptions _options;
    private readonly ServerMetrics _metrics;
    private readonly ulong _incarnation;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Operation> _operations = [];
    private readonly Queue<string> _finished = new();
    private long _lastNumber;
    private int _pendingCount;

    public OperationTable(INode node, RestApiOptions options, ServerMetrics metrics)
    {
        _node = node;
        _options = options;
        _metrics = metrics;
        Span<byte> random = stackalloc byte[8];
        RandomNumberGenerator.Fill(random);
        _incarnation = BitConverter.ToUInt64(random);
    }

    /// <summary>
    /// Proposes in the background; null when too many are pending. The table owns the wait and notes how it ends.
    /// </summary>
    public Operation? Start(byte[] envelope, WriteKind kind)
    {
        Operation operation;
        lock (_lock)
        {
            if (_pendingCount >= _options.MaxPendingOperations)
            {
                return null;
            }

            _pendingCount++;
            string id = new OperationId(_node.Identity.Id, _incarnation, ++_lastNumber).ToString();
            operation = new Operation(id, kind);
            _operations.Add(id, operation);
        }

        _ = FollowAsync(operation, envelope);
        return operation;
    }

    /// <summary>The operation, or null when it is not, or no longer, known here.</summary>
    public Operation? Find(string id)
    {
        lock (_lock)
        {
            return _operations.GetValueOrDefault(id);
        }
    }

    /// <summary>True for text in the form of an operation's id.</summary>
    public static bool IsWellFormed(ReadOnlySpan<char> id)
    {
        if (id.Length is < 35 or > 50 || id[16] != '-' || id[33] != '-')
        {
            return false;
        }

        for (int i = 0; i < id.Length; i++)
        {
            if (i is not (16 or 33) && !char.IsAsciiHexDigitLower(id[i]))
            {
                return false;
            }
        }

        return true;
    }

    // Never faults: whatever goes wrong in the node leaves the outcome unknown, and that is noted.
    private async Task FollowAsync(Operation operation, byte[] envelope)
    {
        var result = new ProposeResult(ProposeOutcome.Unknown, null, default, null, default);
        try
        {
            result = await _node.ProposeAsync(envelope, ApiLimits.MaxTimeout, CancellationToken.None);
        }
        finally
        {
            Finish(operation, result);
        }
    }

    private void Finish(Operation operation, ProposeResult result)
    {
        operation.Complete(result, _node.Phase);
        _metrics.WriteEnded(WriteConcern.Accepted, WriteFlow.EndOf(result.Outcome, operation.Outcome?.Error));
        lock (_lock)
        {
            _pendingCount--;
            _finished.Enqueue(operation.Id);
            while (_finished.Count > _options.MaxFinishedOperations)
            {
                _operations.Remove(_finished.Dequeue());
            }
        }
    }
}
