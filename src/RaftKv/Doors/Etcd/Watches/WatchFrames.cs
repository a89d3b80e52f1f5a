using System.IO.Pipelines;
using RaftKv.Core;
using RaftKv.Core.Store.Tree;
using RaftKv.Doors.Etcd.Calls;
using RaftKv.Doors.Etcd.Kv;
using RaftKv.Doors.Grpc;
using RaftKv.Service.Watches;
using Proto = RaftKv.Protocol.Etcd;

namespace RaftKv.Doors.Etcd.Watches;

/// <summary>
/// Writes small answers with changes field by field, without message objects: the bytes are those that protobuf writes. Answers to
/// watches of the same changes differ in the watch's id alone, so the rest is made once for all of them that a thread tells one after
/// the other, of whichever stream they are. One for each thread.
/// </summary>
internal sealed class WatchFrames
{
    // More goes the way of message objects, which can be cut and sent piece by piece.
    private const int MaxBytes = 64 * 1024;
    private const int MaxChanges = 256;

    [ThreadStatic]
    private static WatchFrames? _ofThread;

    private readonly List<KeyValue> _changes = [];
    private readonly List<KeyValue?> _previous = [];
    private byte[] _bytes = [];
    private int _headLength;
    private int _length;
    private EtcdHead _head;
    private ChangeBatch? _batch;
    private bool _hasPrevious;

    /// <summary>The writer of this thread.</summary>
    public static WatchFrames OfThread => _ofThread ??= new WatchFrames();

    /// <summary>How often the part that answers have in common was made; for tests.</summary>
    public long EncodedCount { get; private set; }

    /// <summary>Writes answers, prefix and message, as long as they are small ones with changes.</summary>
    /// <param name="gate">Heads them.</param>
    /// <param name="from">The first to write.</param>
    /// <param name="bytes">Grows by what was written, without the prefixes.</param>
    /// <returns>The first that was not written.</returns>
    public int Put(PipeWriter body, EtcdGate gate, List<WatchTelling> tellings, int from, ref long bytes)
    {
        BodyFiller filler = new(body);
        for (; from < tellings.Count; from++)
        {
            WatchTelling telling = tellings[from];
            if (telling.Step != FeedStep.Changes || !TryLoad(gate, telling.Batch!, telling.Flow.WantsPrevious))
            {
                break;
            }

            bytes += PutOne(ref filler, telling.Flow.Id);
        }

        filler.End();
        LetGo();
        return from;
    }

    // A view is held on to by nobody who waits, nor what was there before.
    private void LetGo()
    {
        _batch = null;
        if (_hasPrevious)
        {
            _changes.Clear();
            _previous.Clear();
        }
    }

    private int PutOne(ref BodyFiller filler, long id)
    {
        int idLength = id == 0 ? 0 : 1 + FieldWriter.SizeOf((ulong)id);
        int length = _length + idLength;
        Span<byte> start = filler.Take(GrpcFrame.PrefixBytes + _headLength + idLength);
        GrpcFrame.Write(start, length);
        _bytes.AsSpan(0, _headLength).CopyTo(start[GrpcFrame.PrefixBytes..]);
        if (idLength > 0)
        {
            FieldWriter writer = new(start[(GrpcFrame.PrefixBytes + _headLength)..]);
            writer.Number(Proto.WatchResponse.WatchIdFieldNumber, id);
        }

        filler.Copy(_bytes.AsSpan(_headLength, _length - _headLength));
        return length;
    }

    // False when the answer is not small.
    private bool TryLoad(EtcdGate gate, ChangeBatch batch, bool wantsPrevious)
    {
        if (ReferenceEquals(batch, _batch) && wantsPrevious == _hasPrevious)
        {
            return true;
        }

        if (batch.Changes.Count > MaxChanges || batch.DataBytes > MaxBytes)
        {
            return false;
        }

        EtcdHead head = gate.Head(new Revision(batch.Next.Value - 1));
        if (!wantsPrevious && !_hasPrevious && head == _head && AreSame(batch.Changes, _changes))
        {
            _batch = batch;
            return true;
        }

        return TryEncode(head, batch, wantsPrevious);
    }

    private bool TryEncode(in EtcdHead head, ChangeBatch batch, bool wantsPrevious)
    {
        _batch = null;
        (_head, _hasPrevious) = (head, wantsPrevious);
        _changes.Clear();
        _changes.AddRange(batch.Changes);
        _previous.Clear();
        foreach (KeyValue change in _changes)
        {
            _previous.Add(wantsPrevious ? WatchMapping.PreviousOf(change, batch.View) : null);
        }

        FieldWriter counting = new(default);
        PutAll(ref counting);
        if (counting.Length > MaxBytes)
        {
            _changes.Clear();
            return false;
        }

        if (_bytes.Length < counting.Length)
        {
            _bytes = new byte[counting.Length];
        }

        FieldWriter writer = new(_bytes);
        PutAll(ref writer);
        Check.That(writer.Length == counting.Length, "as many bytes as were counted are written", writer.Length, counting.Length);
        _length = writer.Length;
        _batch = batch;
        EncodedCount++;
        return true;
    }

    private void PutAll(ref FieldWriter writer)
    {
        DirectFields.PutHead(ref writer, Proto.WatchResponse.HeaderFieldNumber, _head);
        _headLength = writer.Length;
        for (int i = 0; i < _changes.Count; i++)
        {
            FieldWriter counting = new(default);
            PutEvent(ref counting, _changes[i], _previous[i]);
            writer.Head(Proto.WatchResponse.EventsFieldNumber, counting.Length);
            PutEvent(ref writer, _changes[i], _previous[i]);
        }
    }

    private static void PutEvent(ref FieldWriter writer, KeyValue change, KeyValue? previous)
    {
        writer.Bool(Proto.Event.TypeFieldNumber, change.IsTombstone);
        PutPairIn(ref writer, Proto.Event.KvFieldNumber, change);
        if (previous is not null)
        {
            PutPairIn(ref writer, Proto.Event.PrevKvFieldNumber, previous);
        }
    }

    private static void PutPairIn(ref FieldWriter writer, int field, KeyValue pair)
    {
        FieldWriter counting = new(default);
        PutPair(ref counting, pair);
        writer.Head(field, counting.Length);
        PutPair(ref writer, pair);
    }

    private static void PutPair(ref FieldWriter writer, KeyValue pair)
    {
        if (!pair.IsTombstone)
        {
            DirectFields.PutPair(ref writer, pair);
            return;
        }

        writer.Bytes(Proto.KeyValue.KeyFieldNumber, pair.KeySpan);
        writer.Number(Proto.KeyValue.ModRevisionFieldNumber, pair.ModRevision.Value);
    }

    // Versions are objects of the store, the same in every view.
    private static bool AreSame(IReadOnlyList<KeyValue> some, List<KeyValue> others)
    {
        if (some.Count != others.Count)
        {
            return false;
        }

        for (int i = 0; i < others.Count; i++)
        {
            if (!ReferenceEquals(some[i], others[i]))
            {
                return false;
            }
        }

        return true;
    }
}
