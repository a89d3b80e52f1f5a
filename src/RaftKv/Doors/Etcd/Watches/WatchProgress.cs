using RaftKv.Core;

namespace RaftKv.Doors.Etcd.Watches;

/// <summary>
/// Progress that a client asks for: told once every watch of the stream has told all up to a revision, and never behind
/// a change that was sent before. Any thread.
/// </summary>
internal sealed class WatchProgress
{
    /// <summary>The message is about the stream and no single watch.</summary>
    private const long WholeStream = -1;

    private readonly WatchStream _stream;
    private readonly WatchOutput _output;
    private readonly Lock _lock = new();
    private readonly HashSet<WatchFlow> _missing = [];
    private Revision _target;
    private bool _isAsked;

    public WatchProgress(WatchStream stream, WatchOutput output)
    {
        _stream = stream;
        _output = output;
    }

    /// <summary>Begins a round. A round that is under way becomes this one: one answer serves both.</summary>
    public async ValueTask AskAsync()
    {
        List<WatchFlow> flows = _stream.Flows();
        lock (_lock)
        {
            _target = _stream.View.Revision;
            _isAsked = true;
            _missing.Clear();
            _missing.UnionWith(flows);
        }

        // A watch that ended in between is not waited for.
        foreach (WatchFlow gone in flows.Except(_stream.Flows()))
        {
            Forget(gone);
        }

        foreach (WatchFlow flow in flows)
        {
            flow.Poke();
        }

        await AnswerIfCompleteAsync();
    }

    /// <summary>A watch has come round.</summary>
    public ValueTask ConfirmAsync(WatchFlow flow)
    {
        lock (_lock)
        {
            if (!_isAsked || flow.Told < _target || !_missing.Remove(flow))
            {
                return ValueTask.CompletedTask;
            }
        }

        return AnswerIfCompleteAsync();
    }

    /// <summary>A watch has ended; the rest is enough.</summary>
    public void Forget(WatchFlow flow)
    {
        lock (_lock)
        {
            _missing.Remove(flow);
        }
    }

    private async ValueTask AnswerIfCompleteAsync()
    {
        Revision complete;
        lock (_lock)
        {
            if (!_isAsked || _missing.Count > 0)
            {
                return;
            }

            _isAsked = false;
            complete = _target;
        }

        // One watch may have told newer changes than the round is about: then a later round has the answer.
        if (!await _output.TrySendProgressAsync(complete, WholeStream))
        {
            await AskAsync();
        }
    }
}
