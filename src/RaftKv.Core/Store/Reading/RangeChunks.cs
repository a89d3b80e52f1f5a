using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Tree;

namespace RaftKv.Core.Store.Reading;

/// <summary>
/// One read of a range in key order that gives its pairs chunk by chunk, all from the view that it was begun on: the chunks
/// together are what one range read answers at once. So a large answer needs the memory of one chunk. Any
/// thread, one at a time.
/// </summary>
public sealed class RangeChunks
{
    // So many keys are looked at before the caller has a chance to stop, also when a filter passes none of them.
    private const int MaxVisits = 20_000;

    // What a pair costs beside its key and value, wherever it goes.
    private const int PairBytes = 64;

    private readonly KeyTreeNode _root;
    private readonly RangeRequest _request;
    private readonly Revision _revision;
    private readonly bool _isNewestRoot;
    private readonly RangeWalk? _walk;
    private long _given;

    /// <summary>Begins a read of more than a single key, in ascending key order, with its pairs.</summary>
    internal RangeChunks(KeyTreeNode root, RangeRequest request, Revision newest, Revision compacted)
    {
        ArgumentNullException.ThrowIfNull(request);
        Check.That(request.Keys.Kind != KeyRangeKind.Single, "a single key has no chunks");
        Check.That(request is { SortBy: SortTarget.Key, IsDescending: false }, "chunks come in ascending key order");
        Check.That(!request.IsCountOnly, "a count has no chunks");
        bool isNewest = request.Revision <= Revision.Zero;
        _root = root;
        _request = request;
        _revision = isNewest ? newest : request.Revision;
        _isNewestRoot = isNewest || request.Revision == newest;
        Status = RangeReader.StatusOf(request.Revision, newest, compacted);
        IsAtEnd = Status != ReadStatus.Ok;
        _walk = IsAtEnd ? null : new RangeWalk(_root, request.Keys);
    }

    /// <summary>Whether the revision can be read; when not, there are no chunks.</summary>
    public ReadStatus Status { get; }

    /// <summary>True once the last chunk was given; then <see cref="Count"/> and <see cref="HasMore"/> are known.</summary>
    public bool IsAtEnd { get; private set; }

    /// <summary>How many keys of the range live at the revision, whatever the limit and the filters.</summary>
    public long Count { get; private set; }

    /// <summary>True when the limit left pairs out.</summary>
    public bool HasMore { get; private set; }

    /// <summary>
    /// The next pairs: up to the one that fills <paramref name="maxBytes"/>, or fewer, or none, when many
    /// keys had to be looked at. Not to be asked at the end.
    /// </summary>
    public IReadOnlyList<KeyValue> Next(int maxBytes)
    {
        Check.That(!IsAtEnd, "a read is not asked after its end");
        List<KeyValue> chunk = [];
        long bytes = 0;
        RangeWalk walk = _walk!;
        for (int visits = 0; walk.Slot is { } slot && visits < MaxVisits && bytes < maxBytes; visits++)
        {
            if (RangeReader.LiveAt(slot, _revision) is { } pair)
            {
                bytes += Take(pair, chunk);
            }

            if (HasMore && _isNewestRoot)
            {
                Count = RangeReader.CountLive(_root, _request.Keys);
                IsAtEnd = true;
                return chunk;
            }

            walk.MoveOn();
        }

        IsAtEnd = walk.Slot is null;
        return chunk;
    }

    // Gives the bytes that the chunk grew by.
    private long Take(KeyValue pair, List<KeyValue> chunk)
    {
        Count++;
        if (!RangeReader.PassesFilters(pair, _request))
        {
            return 0;
        }

        if (_request.Limit > 0 && _given == _request.Limit)
        {
            HasMore = true;
            return 0;
        }

        _given++;
        KeyValue shown = _request.IsKeysOnly ? pair.WithoutValue() : pair;
        chunk.Add(shown);
        return shown.DataBytes + PairBytes;
    }
}
