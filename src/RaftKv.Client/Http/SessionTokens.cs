namespace RaftKv.Client.Http;

/// <summary>The newest session token that this client saw. Safe from any thread.</summary>
/// <remarks>
/// One log orders everything, so the token of the highest revision covers all earlier ones of the same client.
/// </remarks>
internal sealed class SessionTokens
{
    private readonly Lock _gate = new();
    private string? _token;
    private long _revision;

    internal string? Current
    {
        get
        {
            lock (_gate)
            {
                return _token;
            }
        }
    }

    internal void Observe(string? token, long revision)
    {
        if (token is null)
        {
            return;
        }

        lock (_gate)
        {
            if (_token is null || revision >= _revision)
            {
                _token = token;
                _revision = revision;
            }
        }
    }

    internal void Forget()
    {
        lock (_gate)
        {
            _token = null;
            _revision = 0;
        }
    }
}
