namespace RaftKv.Client.Http;

/// <summary>Which endpoint to ask next. Safe from any thread.</summary>
/// <remarks>
/// Calls stay on one endpoint until it fails, then all move on to the next: connections stay warm, and a dead node
/// costs one call, not each.
/// Answers teach which name lives at which endpoint and who leads, so that writes can save the hop through a follower.
/// </remarks>
internal sealed class EndpointPool
{
    private readonly Lock _gate = new();
    private readonly Uri[] _endpoints;
    private readonly Dictionary<string, int> _indexByName = new(StringComparer.Ordinal);
    private int _current;
    private string? _leader;

    internal EndpointPool(IReadOnlyList<Uri> endpoints, int firstIndex)
    {
        _endpoints = [.. endpoints];
        _current = firstIndex;
    }

    internal int Count => _endpoints.Length;

    internal Uri this[int index] => _endpoints[index];

    /// <summary>The index of a pinned endpoint.</summary>
    /// <exception cref="ArgumentException">It is not among the endpoints.</exception>
    internal int IndexOf(Uri endpoint)
    {
        int index = Array.IndexOf(_endpoints, endpoint);
        return index >= 0
            ? index
            : throw new ArgumentException($"Endpoint {endpoint} is not among the client's endpoints.", nameof(endpoint));
    }

    /// <summary>The best endpoint that this call has not tried; when all are tried, they are all open again.</summary>
    internal int Pick(bool prefersLeader, HashSet<int> tried)
    {
        lock (_gate)
        {
            if (tried.Count >= _endpoints.Length)
            {
                tried.Clear();
            }

            if (prefersLeader && _leader is not null && _indexByName.TryGetValue(_leader, out int leaderIndex) && !tried.Contains(leaderIndex))
            {
                return leaderIndex;
            }

            int index = _current;
            while (tried.Contains(index))
            {
                index = (index + 1) % _endpoints.Length;
            }

            return index;
        }
    }

    /// <summary>An answer, good or bad, told who serves here and who leads.</summary>
    internal void Learn(int index, string? servedBy, string? leader)
    {
        if (string.IsNullOrEmpty(servedBy))
        {
            return;
        }

        lock (_gate)
        {
            if (!_indexByName.TryGetValue(servedBy, out int known) || known != index)
            {
                // An endpoint has one name; behind a load balancer it has many, and then the last one seen is as good
                // as any.
                // Names are bounded by the size of the cluster; the cap keeps a lying server from growing the table.
                if (_indexByName.Count >= 1_024)
                {
                    _indexByName.Clear();
                }

                _indexByName[servedBy] = index;
            }

            _leader = string.IsNullOrEmpty(leader) ? null : leader;
        }
    }

    /// <summary>
    /// The endpoint gave no answer: others come first from now on, and it is no longer taken for the leader.
    /// </summary>
    internal void MarkFailed(int index)
    {
        lock (_gate)
        {
            if (_current == index)
            {
                _current = (index + 1) % _endpoints.Length;
            }

            if (_leader is not null && _indexByName.TryGetValue(_leader, out int leaderIndex) && leaderIndex == index)
            {
                _leader = null;
            }
        }
    }
}
