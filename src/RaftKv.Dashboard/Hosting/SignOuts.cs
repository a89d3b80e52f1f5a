namespace RaftKv.Dashboard.Hosting;

/// <summary>
/// Who has signed out here. A browser that leaves the page before the answer has come keeps its cookie, so what stands in it is
/// remembered and opens nothing any more; and open pages are told that their visitor has left in another one. Any thread.
/// </summary>
internal sealed class SignOuts
{
    /// <summary>Sign-outs that are remembered; the oldest is forgotten first.</summary>
    public const int MaxRemembered = 1024;

    private readonly Lock _lock = new();
    private readonly OrderedDictionary<string, bool> _left = [];

    /// <summary>What he has shown to nodes.</summary>
    public event Action<string>? SignedOut;

    /// <summary>True for a token whose owner has signed out and not in again.</summary>
    public bool HasLeft(string token)
    {
        lock (_lock)
        {
            return _left.ContainsKey(token);
        }
    }

    /// <summary>From now on the token opens nothing here.</summary>
    public void Leave(string token)
    {
        lock (_lock)
        {
            _left[token] = true;
            if (_left.Count > MaxRemembered)
            {
                _left.RemoveAt(0);
            }
        }
    }

    /// <summary>He is back with the same token, which a token of the API may be.</summary>
    public void Return(string token)
    {
        lock (_lock)
        {
            _left.Remove(token);
        }
    }

    /// <summary>Tells the pages that are open in his name.</summary>
    public void Raise(string authorization) => SignedOut?.Invoke(authorization);
}
