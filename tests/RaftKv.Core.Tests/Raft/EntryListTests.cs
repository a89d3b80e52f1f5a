using RaftKv.Core.Raft.Log;

namespace RaftKv.Core.Tests.Raft;

/// <summary>The log's entries in segments, beside a plain list.</summary>
public sealed class EntryListTests
{
    private readonly EntryList _entries = new();
    private readonly List<LogEntry> _model = [];
    private long _next;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void It_is_a_list_from_which_both_ends_are_dropped(ulong seed)
    {
        var random = new DeterministicRandom(seed);
        for (int step = 0; step < 400; step++)
        {
            switch (random.Next(4))
            {
                case 0:
                    int first = random.Next(_model.Count + 1);
                    _entries.DropFirst(first);
                    _model.RemoveRange(0, first);
                    break;
                case 1:
                    int last = random.Next(Math.Min(_model.Count, 300) + 1);
                    _entries.DropLast(last);
                    _model.RemoveRange(_model.Count - last, last);
                    break;
                default:
                    Add(random.Next(600));
                    break;
            }

            Compare(random);
        }
    }

    [Fact]
    public void A_dropped_entry_is_held_by_nothing()
    {
        WeakReference first = AddLong();
        Add(3);
        WeakReference last = AddLong();
        _entries.DropFirst(1);
        _entries.DropLast(1);
        GC.Collect();
        Assert.False(first.IsAlive);
        Assert.False(last.IsAlive);
        Assert.Equal(3, _entries.Count);
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private WeakReference AddLong()
    {
        byte[] payload = new byte[4_000];
        _entries.AddPacked(new LogEntry(new EntryId(new Term(1), new LogIndex(++_next)), EntryKind.Command, payload));
        return new WeakReference(payload);
    }

    private void Add(int count)
    {
        for (int i = 0; i < count; i++)
        {
            LogEntry entry = new(new EntryId(new Term(1), new LogIndex(++_next)), EntryKind.Command, BitConverter.GetBytes(_next));
            _entries.AddPacked(entry);
            _model.Add(entry);
        }
    }

    private void Compare(DeterministicRandom random)
    {
        Assert.Equal(_model.Count, _entries.Count);
        if (_model.Count == 0)
        {
            return;
        }

        int first = random.Next(_model.Count);
        LogEntry[] copy = _entries.Copy(first, _model.Count - first);
        for (int i = 0; i < copy.Length; i++)
        {
            Assert.Equal(_model[first + i].Id, copy[i].Id);
            Assert.True(_model[first + i].Payload.Span.SequenceEqual(copy[i].Payload.Span));
        }

        Assert.Equal(_model[first].Id, _entries[first].Id);
    }
}
