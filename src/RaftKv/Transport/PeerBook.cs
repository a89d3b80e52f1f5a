using RaftKv.Core;

namespace RaftKv.Transport;

/// <summary>
/// Whom this node talks to: the members, and nodes of the cluster that have dialled and may be members that it has not heard
/// of yet. And who was removed, as the log says. Safe from any thread.
/// </summary>
internal sealed class PeerBook
{
    // Nodes that come without being members; the cluster's own are few.
    private const int MaxNewcomers = 32;

    private readonly Lock _gate = new();
    private readonly SortedDictionary<NodeId, PeerAddress> _peers = [];
    private readonly SortedSet<NodeId> _members = [];
    private readonly SortedSet<NodeId> _removed = [];

    /// <summary>Starts with these members.</summary>
    public PeerBook(IEnumerable<PeerAddress> peers)
    {
        foreach (PeerAddress peer in peers)
        {
            _peers[peer.Id] = peer;
            _members.Add(peer.Id);
        }
    }

    /// <summary>Raised when somebody was added, under no lock.</summary>
    public event Action? Changed;

    /// <summary>All of them, by id.</summary>
    public IReadOnlyList<PeerAddress> Peers
    {
        get
        {
            lock (_gate)
            {
                return [.. _peers.Values];
            }
        }
    }

    /// <summary>The peer; null for a stranger.</summary>
    public PeerAddress? Find(NodeId node)
    {
        lock (_gate)
        {
            return _peers.GetValueOrDefault(node);
        }
    }

    /// <summary>True for one of which a committed membership says that it was removed.</summary>
    public bool WasRemoved(NodeId node)
    {
        lock (_gate)
        {
            return _removed.Contains(node);
        }
    }

    /// <summary>Takes up a newcomer, unless there are too many.</summary>
    public void Add(PeerAddress peer)
    {
        lock (_gate)
        {
            if (_peers.Count - _members.Count >= MaxNewcomers)
            {
                return;
            }

            _peers[peer.Id] = peer;
        }

        Changed?.Invoke();
    }

    /// <summary>The membership has changed.</summary>
    /// <param name="removed">Those of it that were removed.</param>
    /// <param name="isFinal">It is committed: who was removed stays so, and is talked to no more.</param>
    public void Become(IReadOnlyList<PeerAddress> members, IReadOnlyList<NodeId> removed, bool isFinal)
    {
        lock (_gate)
        {
            foreach (PeerAddress member in members)
            {
                _peers[member.Id] = member;
            }

            if (isFinal)
            {
                // Whose addition was cut off the log again is a stranger, and may ask once more.
                _removed.UnionWith(removed);
                foreach (NodeId gone in _members.Where(id => members.All(member => member.Id != id)).Concat(removed))
                {
                    _peers.Remove(gone);
                }

                _members.Clear();
            }

            _members.UnionWith(members.Select(static member => member.Id));
        }

        Changed?.Invoke();
    }
}
