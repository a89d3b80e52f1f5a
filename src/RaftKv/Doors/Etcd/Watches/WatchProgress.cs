using RaftKv.Core;

namespace RaftKv.Doors.Etcd.Watches;

/// <summary>
/// Progress that a client asks for: told once every watch of the stream has told all up to a revision, and never behind
/// a change that was sent before. A request that comes while one is open is answered with it.
/// </summary>
internal sealed class WatchProgress
{
    /// <summary>The message is about the stream and no single watch.</summary>
    private const long WholeStream = -1;

    private const long Nobody = -1;

    private readonly WatchStream _stream;
    private readonly WatchOutput _output;

    // What all must have been told; Nobody while nobody asks.
    private long _asked = Nobody;

    public WatchProgress(WatchStream stream, WatchOutput output)
    {
        _stream = stream;
        _output = output;
    }

    /// <summary>Asks. Any thread.</summary>
    public void Ask()
    {
        Interlocked.Exchange(ref _asked, _stream.View.Revision.Value);
        _stream.ComeRound();
    }

    /// <summary>Answers once it is so. The pump's, between two passes: what was read has been told.</summary>
    public async ValueTask AnswerAsync()
    {
        long asked = Interlocked.Read(ref _asked);
        if (asked == Nobody)
        {
            return;
        }

        await _output.EnterAsync();
        try
        {
            // Nothing is claimed of what a watch still waits to begin at.
            Revision complete = _stream.View.Revision;
            foreach (WatchFlow flow in _stream.Flows())
            {
                complete = flow.Feed.Told < complete ? flow.Feed.Told : complete;
            }

            if (complete.Value < asked)
            {
                return;
            }

            if (complete < _output.Highest)
            {
                // One watch has told newer changes than another has come round for.
                _stream.ComeRound();
            }
            else if (Interlocked.CompareExchange(ref _asked, Nobody, asked) == asked)
            {
                await _output.TryWriteProgressAsync(complete, WholeStream);
            }
        }
        finally
        {
            _output.Leave();
        }
    }
}
