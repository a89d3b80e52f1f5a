using RaftKv.Core;
using RaftKv.Doors.Etcd.Calls;
using RaftKv.Doors.Grpc;
using RaftKv.Service.Watches;
using Proto = RaftKv.Protocol.Etcd;

namespace RaftKv.Doors.Etcd.Watches;

/// <summary>
/// The one way out of a stream of watches. Messages go out one after the other; who writes waits for the connection, so
/// nothing is queued for a client that does not read. <see cref="SendAsync"/>, <see cref="EnterAsync"/> and <see cref="CutOff"/>: any
/// thread; all else in the turn.
/// </summary>
internal sealed class WatchOutput : IDisposable
{
    /// <summary>etcd's --max-request-bytes: where a message is cut when the client asked for fragments.</summary>
    private const int MaxFragmentBytes = 1_572_864;

    // A client that takes nothing for so long is cut off, and resumes from what it had.
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    private readonly EtcdGate _gate;
    private readonly IMessageSink<Proto.WatchResponse> _sink;
    private readonly IFrameSink? _frames;
    private readonly RpcContext _context;
    private readonly CancellationToken _cancelled;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private long _unsentBytes;

    public WatchOutput(EtcdGate gate, IMessageSink<Proto.WatchResponse> sink, RpcContext context, CancellationToken cancelled)
    {
        _gate = gate;
        _sink = sink;
        _frames = sink as IFrameSink;
        _context = context;
        _cancelled = cancelled;
    }

    /// <summary>Highest revision of a change that was sent.</summary>
    public Revision Highest { get; private set; }

    /// <summary>Waits for the turn to write, which ends with <see cref="Leave"/>.</summary>
    public Task EnterAsync() => _turn.WaitAsync(_cancelled);

    /// <summary>Ends the turn.</summary>
    public void Leave() => _turn.Release();

    /// <summary>The head of an answer.</summary>
    public Proto.ResponseHeader Header(Revision revision) => _gate.Header(revision);

    /// <summary>Sends one message in a turn of its own.</summary>
    public async ValueTask SendAsync(Proto.WatchResponse answer)
    {
        await EnterAsync();
        try
        {
            await WriteAsync(answer);
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>
    /// Puts changes of watches into the output, as long as they are few and small; they leave with <see cref="FlushAsync"/>.
    /// </summary>
    /// <param name="from">The first to put.</param>
    /// <returns>The first that was not put.</returns>
    public int PutSmall(List<WatchTelling> tellings, int from)
    {
        if (_frames is null)
        {
            return from;
        }

        int end = WatchFrames.OfThread.Put(_frames.Body, _gate, tellings, from, ref _unsentBytes);
        for (; from < end; from++)
        {
            NoteTold(tellings[from].Batch!);
        }

        return end;
    }

    /// <summary>Sends what was put.</summary>
    public ValueTask FlushAsync()
    {
        if (_unsentBytes == 0)
        {
            return ValueTask.CompletedTask;
        }

        long bytes = _unsentBytes;
        _unsentBytes = 0;
        return AwaitAsync(_frames!.SendAsync(bytes, _cancelled));
    }

    /// <summary>Sends one message, behind what was put.</summary>
    public ValueTask WriteAsync(Proto.WatchResponse answer) => AwaitAsync(_sink.WriteAsync(answer, _cancelled));

    /// <summary>Sends changes of a watch whatever their size, in fragments when the client asked for that and they are large.</summary>
    public async ValueTask WriteAsync(WatchFlow flow, ChangeBatch batch)
    {
        NoteTold(batch);
        foreach ((Proto.WatchResponse message, Revision complete) in WatchMessages.Of(flow.Id, batch, flow.WantsPrevious))
        {
            message.Header = Header(complete);
            if (!flow.WantsFragments)
            {
                await WriteAsync(message);
                continue;
            }

            foreach (Proto.WatchResponse fragment in WatchFragments.Of(message, MaxFragmentBytes))
            {
                await WriteAsync(fragment);
            }
        }
    }

    /// <summary>
    /// Sends a progress message unless something newer has been told already; false then. A client that takes it for
    /// its place must never go back.
    /// </summary>
    public async ValueTask<bool> TryWriteProgressAsync(Revision complete, long id)
    {
        if (complete < Highest)
        {
            return false;
        }

        await WriteAsync(new Proto.WatchResponse { Header = Header(complete), WatchId = id });
        return true;
    }

    /// <summary>
    /// Ends the stream: its client takes nothing, and others need the room. It resumes each watch from what it had, which is
    /// all that can be told to one who does not read. Any thread.
    /// </summary>
    public void CutOff() => _context.Abort();

    /// <inheritdoc/>
    public void Dispose() => _turn.Dispose();

    private void NoteTold(ChangeBatch batch)
    {
        Revision told = batch.Changes[^1].ModRevision;
        Highest = told > Highest ? told : Highest;
    }

    private async ValueTask AwaitAsync(ValueTask writing)
    {
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
