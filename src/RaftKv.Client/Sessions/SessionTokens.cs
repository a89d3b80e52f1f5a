namespace RaftKv.Client.Sessions;

/// <summary>The session tokens that cover all that one session saw and wrote. Safe from any thread.</summary>
/// <remarks>
/// A token is opaque: only a server can merge two, which it does for every request that carries them, so the token of an
/// answer covers all tokens that its request carried.
/// One token is enough while calls follow each other. Calls that run at once get tokens of which none covers the other,
/// so three are kept until an answer merges them: of the newest read, of the newest write, and of what was handed over.
/// Tests: Concurrent_calls_lose_neither_the_newest_read_nor_the_newest_write.
/// </remarks>
internal sealed class SessionTokens
{
    private readonly Lock _gate = new();
    private string? _read;
    private long _readRevision;
    private string? _write;
    private long _writeRevision;
    private string? _handedOver;

    /// <summary>What to send or to hand over: one token, or several with commas; null when nothing was seen.</summary>
    internal string? Current
    {
        get
        {
            lock (_gate)
            {
                return CurrentInGate();
            }
        }
    }

    /// <summary>Joins tokens for one header; each token once.</summary>
    internal static string? Join(params ReadOnlySpan<string?> headers)
    {
        List<string> tokens = [];
        foreach (string? header in headers)
        {
            foreach (string token in Split(header))
            {
                if (!tokens.Contains(token))
                {
                    tokens.Add(token);
                }
            }
        }

        return tokens.Count == 0 ? null : string.Join(',', tokens);
    }

    /// <summary>Takes in a token that somebody else handed over; null and blanks add nothing.</summary>
    internal void HandOver(string? tokens)
    {
        lock (_gate)
        {
            _handedOver = Join(_handedOver, tokens);
        }
    }

    /// <summary>Takes in an answer's token.</summary>
    /// <param name="revision">Of the view that was read, or of the write.</param>
    /// <param name="sent">The tokens that the request carried.</param>
    internal void Observe(string? token, long revision, bool isWrite, string? sent)
    {
        if (token is null)
        {
            return;
        }

        lock (_gate)
        {
            if (Covers(sent, CurrentInGate()))
            {
                _read = token;
                _write = token;
                _readRevision = isWrite ? _readRevision : Math.Max(_readRevision, revision);
                _writeRevision = isWrite ? Math.Max(_writeRevision, revision) : _writeRevision;
                _handedOver = null;
            }
            else if (isWrite && revision > _writeRevision)
            {
                _write = token;
                _writeRevision = revision;
            }
            else if (!isWrite && revision > _readRevision)
            {
                _read = token;
                _readRevision = revision;
            }
        }
    }

    internal void Forget()
    {
        lock (_gate)
        {
            (_read, _write, _handedOver) = (null, null, null);
            (_readRevision, _writeRevision) = (0, 0);
        }
    }

    /// <summary>True when every one of these tokens was sent along, so that the answer covers them.</summary>
    private static bool Covers(string? sent, string? tokens) =>
        tokens is null || sent == tokens || (sent is not null && Split(tokens).All(Split(sent).Contains));

    private static string[] Split(string? header) =>
        header is null ? [] : header.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private string? CurrentInGate() =>
        _handedOver is null && (_write is null || _write == _read) ? _read : Join(_read, _write, _handedOver);
}
