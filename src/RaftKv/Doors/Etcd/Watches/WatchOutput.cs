using RaftKv.Core;
using RaftKv.Doors.Etcd.Calls;
using RaftKv.Doors.Grpc;
using Proto = RaftKv.Protocol.Etcd;

namespace RaftKv.Doors.Etcd.Watches;

/// <summary>
/// The one way out of a stream of watches. Messages go out one after the other; who writes waits for the connection, so
/// nothing is queued for a client that does not read. Any thread.
/// </summary>
internal sealed class WatchOutput : IDisposable
{
    /// <summary>etcd's --max-request-bytes: where a message is cut when the client asked for fragments.</summary>
    private const int MaxFragmentBytes = 1_572_864;

    // A client that takes nothing for so long is cut off, and resumes from what it had.
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    private readonly EtcdGate _gate;
    private readonly IMessageSink<Proto.WatchResponse> _sink;
    private readonly RpcContext _context;
    private readonly CancellationToken _cancelled;
    private readonly SemaphoreSlim _turn = new(1, 1);

    public WatchOutput(EtcdGate gate, IMessageSink<Proto.WatchResponse> sink, RpcContext context, CancellationToken cancelled)
    {
        _gate = gate;
        _sink = sink;
        _context = context;
        _cancelled = cancelled;
    }

    /// <summary>Highest revision of a change that was sent, or was claimed to be complete. Read it in the turn.</summary>
    public Revision Highest { get; private set; }

    /// <summary>The head of an answer.</summary>
    public Proto.ResponseHeader Header(Revision revision) => _gate.Header(revision);

    /// <summary>Sends one message.</summary>
    public ValueTask SendAsync(Proto.WatchResponse answer) => SendAsync(answer, isFragmented: false, Revision.Zero);

    /// <summary>Sends changes up to a revision, in fragments when the client asked for that and they are large.</summary>
    public async ValueTask SendAsync(Proto.WatchResponse answer, bool isFragmented, Revision told)
    {
        await _turn.WaitAsync(_cancelled);
        try
        {
            Highest = told > Highest ? told : Highest;
            if (!isFragmented)
            {
                await WriteAsync(answer);
                return;
            }

            foreach (Proto.WatchResponse fragment in WatchFragments.Of(answer, MaxFragmentBytes))
            {
                await WriteAsync(fragment);
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>
    /// Sends a progress message unless something newer has been told already; false then. A client that takes it for
    /// its place must never go back.
    /// </summary>
    public async ValueTask<bool> TrySendProgressAsync(Revision complete, long id)
    {
        await _turn.WaitAsync(_cancelled);
        try
        {
            if (complete < Highest)
            {
                return false;
            }

            await WriteAsync(new Proto.WatchResponse { Header = _gate.Header(complete), WatchId = id });
            return true;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>
    /// Ends the stream: its client takes nothing, and others need the room. It resumes each watch from what it had, which is
    /// all that can be told to one who does not read. Any thread.
    /// </summary>
    public void CutOff() => _context.Abort();

    /// <inheritdoc/>
    public void Dispose() => _turn.Dispose();

    private async ValueTask WriteAsync(Proto.WatchResponse answer)
    {
        ValueTask writing = _sink.WriteAsync(answer, _cancelled);
        if (writing.IsCompletedSuccessfully)
        {
            return;
        }

        Task stuck = writing.AsTask();
        try
        {
            await stuck.WaitAsync(_patience, _gate.Time, _cancelled);
        }
        catch (TimeoutException)
        {
            _context.Abort();
            throw new OperationCanceledException("The client takes nothing.");
        }
    }
}
