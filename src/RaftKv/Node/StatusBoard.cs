using RaftKv.Core;
using RaftKv.Core.Replica;
using RaftKv.Engine;

namespace RaftKv.Node;

/// <summary>
/// Where the loop puts pictures of the replica, and anyone reads them. Wakes those who wait for a change of role or
/// leader.
/// </summary>
internal sealed class StatusBoard(IReadOnlyList<MemberInfo> members)
{
    private volatile ReplicaStatus? _status;
    private volatile TaskCompletionSource _changed = NewSource();

    /// <summary>The newest picture.</summary>
    public ReplicaStatus Status => _status ?? throw new InvalidOperationException("The node has not started: it has no status yet.");

    /// <summary>Ends at the next change of role, leader or term, or at the next <see cref="Wake"/>.</summary>
    public Task Changed => _changed.Task;

    /// <summary>Shows a new picture. Loop thread only, except before it starts.</summary>
    public void Publish(ReplicaStatus status)
    {
        ReplicaStatus? before = _status;
        _status = status;
        if (before is null || before.Role != status.Role || before.Leader != status.Leader || before.Term != status.Term)
        {
            Wake();
        }
    }

    /// <summary>Lets everyone who waits look again.</summary>
    public void Wake()
    {
        TaskCompletionSource changed = _changed;
        _changed = NewSource();
        changed.TrySetResult();
    }

    /// <summary>A node's name for the log.</summary>
    public string NameOf(NodeId node)
    {
        foreach (MemberInfo member in members)
        {
            if (member.Id == node)
            {
                return member.Name;
            }
        }

        return node.IsNone ? "nobody" : node.ToString();
    }

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
