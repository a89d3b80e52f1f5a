using System.Security.Cryptography;
using RaftKv.Contract;
using RaftKv.Core.Calls;
using RaftKv.Node;
using RaftKv.Service.Calls;
using RaftKv.Service.Metrics;

namespace RaftKv.Service.Writes;

/// <summary>
/// The writes of this node, in this run of it, that were answered before their outcome was known: accepted ones, and
/// those that ended as unknown. Bounded: the oldest finished ones are forgotten and are unknown
/// from then on, which is what the answer says. Any thread.
/// </summary>
internal sealed class OperationTable
{
    // The outcome and the end of the wait race for microseconds; a few are enough.
    private const int MaxEarlyOutcomes = 64;

    private readonly INode _node;
    private readonly ApiOptions _options;
    private readonly ServerMetrics _metrics;
    private readonly ulong _incarnation;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Operation> _operations = [];
    private readonly Queue<string> _finished = new();

    // Outcomes that came before the request that waited for them knew its operation's name.
    private readonly Queue<ProposeResult> _early = new();
    private long _lastNumber;
    private int _pendingCount;

    public OperationTable(NodeContext context)
    {
        _node = context.Node;
        _options = context.Options;
        _metrics = context.Metrics;
        Span<byte> random = stackalloc byte[8];
        RandomNumberGenerator.Fill(random);
        _incarnation = BitConverter.ToUInt64(random);
        _node.LateOutcome += NoteLate;
    }

    /// <summary>
    /// Follows a write that was answered with outcome-unknown, under the id that the answer named: unknown until the node
    /// learns what became of it.
    /// </summary>
    /// <param name="user">Who asked for it; nobody else looks it up.</param>
    public void Follow(string user, OperationId id, WriteRules rules)
    {
        string text = id.ToString();
        var operation = new Operation(text, user, rules);
        operation.Complete(new ProposeResult(ProposalOutcome.Unknown, null, default, null, id), _node.Phase);
        lock (_lock)
        {
            if (!_operations.TryAdd(text, operation))
            {
                return;
            }

            Forget(text);
            foreach (ProposeResult early in _early)
            {
                if (early.OperationId == id)
                {
                    operation.Complete(early, _node.Phase);
                }
            }
        }
    }

    /// <summary>
    /// Proposes in the background; null when too many are pending. The table owns the wait and notes how it ends.
    /// </summary>
    /// <param name="user">Who asked for it; nobody else looks it up.</param>
    public Operation? Start(string user, byte[] envelope, WriteRules rules)
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
            operation = new Operation(id, user, rules);
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
        var result = new ProposeResult(ProposalOutcome.Unknown, null, default, null, default);
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
        _metrics.AcceptedEnded(Writer.EndOf(result, operation.Outcome?.Error));
        lock (_lock)
        {
            _pendingCount--;
            Forget(operation.Id);
        }

        if (result.Outcome == ProposalOutcome.Unknown && result.OperationId != default)
        {
            Follow(result.OperationId, operation);
        }
    }

    // The same operation under the node's own name for it, so that its late outcome is found.
    private void Follow(OperationId id, Operation operation)
    {
        lock (_lock)
        {
            if (_operations.TryAdd(id.ToString(), operation))
            {
                Forget(id.ToString());
            }
        }
    }

    private void NoteLate(ProposeResult result)
    {
        lock (_lock)
        {
            if (_operations.TryGetValue(result.OperationId.ToString(), out Operation? operation))
            {
                operation.Complete(result, _node.Phase);
                return;
            }

            _early.Enqueue(result);
            while (_early.Count > MaxEarlyOutcomes)
            {
                _early.Dequeue();
            }
        }
    }

    // Keeps a finished operation until enough others have finished. Under the lock.
    private void Forget(string id)
    {
        _finished.Enqueue(id);
        while (_finished.Count > _options.MaxFinishedOperations)
        {
            _operations.Remove(_finished.Dequeue());
        }
    }
}
