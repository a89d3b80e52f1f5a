using System.Text.Json;
using RaftKv.Contract;
using RaftKv.Contract.Bodies;

namespace RaftKv.Client.Testing.InMemory;

/// <summary>A watch as JSON lines, made when they are read: the state if it is asked for, then whole revisions, and bookmarks.</summary>
internal sealed class MemoryWatchStream(MemoryCluster cluster, RaftKvRange range, long startRevision, bool needsState, TimeSpan bookmarks)
    : Stream
{
    private long _next = startRevision;
    private bool _needsState = needsState;
    private ReadOnlyMemory<byte> _line;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_line.IsEmpty)
        {
            WatchMessage message = await NextAsync(cancellationToken).ConfigureAwait(false);
            _line = (byte[])[.. JsonSerializer.SerializeToUtf8Bytes(message, AnswerJson.Default.WatchMessage), (byte)'\n'];
        }

        int count = Math.Min(buffer.Length, _line.Length);
        _line[..count].CopyTo(buffer);
        _line = _line[count..];
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private async Task<WatchMessage> NextAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;
            lock (cluster.Gate)
            {
                cluster.EndDue();
                if (TakeState() is { } state)
                {
                    return state;
                }

                if (TakeChanges() is { } changes)
                {
                    return changes;
                }

                changed = cluster.Store.Changed;
            }

            try
            {
                await changed.WaitAsync(bookmarks, cluster.Time, cancellationToken).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                return new WatchMessage { Type = StreamMessages.Bookmark, Revision = _next - 1 };
            }
        }
    }

    private WatchMessage? TakeState()
    {
        if (!_needsState)
        {
            return null;
        }

        _needsState = false;
        _next = cluster.Store.Revision + 1;
        return new WatchMessage
        {
            Type = StreamMessages.Snapshot,
            Revision = cluster.Store.Revision,
            Pairs = [.. cluster.Store.Now().Range(range).Select(MemoryWire.Pair)],
            Complete = true,
        };
    }

    private WatchMessage? TakeChanges()
    {
        List<WatchEvent> changes = cluster.Store.Changes(_next, range);
        if (changes.Count == 0)
        {
            _next = Math.Max(_next, cluster.Store.Revision + 1);
            return null;
        }

        long revision = changes[0].Revision;
        _next = revision + 1;
        return new WatchMessage
        {
            Type = StreamMessages.Change,
            Revision = revision,
            Events = [.. changes.TakeWhile(change => change.Revision == revision).Select(MemoryWire.Change)],
        };
    }
}
