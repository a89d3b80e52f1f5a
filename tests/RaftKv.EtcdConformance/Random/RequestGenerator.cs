using Google.Protobuf;
using RaftKv.Protocol.Etcd;

namespace RaftKv.EtcdConformance.Random;

/// <summary>
/// Random requests over few keys, so that they meet; with every option, and now and then with something wrong. The same
/// seed makes the same requests.
/// </summary>
internal sealed class RequestGenerator
{
    // Ten keys: up to twelve, etcd's sort keeps ties in key order, beyond that their order is anybody's.
    private static readonly ByteString[] Keys =
        [.. ((string[])["a", "a/", "a/1", "a/2", "b", "b\u00ff", "c", "k1", "k2", "\u0001"]).Select(static key => Latin(key))];

    private static readonly ByteString FromKey = ByteString.CopyFrom(0);

    private readonly System.Random _random;
    private readonly AuthGenerator _auth;
    private long _revision = 1;
    private int _written;

    public RequestGenerator(int seed)
    {
        _random = new System.Random(seed);
        _auth = new AuthGenerator(_random);
    }

    /// <summary>The revision that was compacted last, as far as was told.</summary>
    public long Compacted { get; private set; }

    /// <summary>Tells which revision the servers are at, so that reads of old and future ones can be made.</summary>
    public void SeenRevision(long revision) => _revision = Math.Max(_revision, revision);

    /// <summary>Tells of a compaction that was done.</summary>
    public void SeenCompaction(long revision) => Compacted = Math.Max(Compacted, revision);

    /// <summary>True once in so many times.</summary>
    public bool IsOneIn(int times) => Chance(times);

    /// <summary>
    /// A watch. It never begins at the very revision that was compacted: there etcd may have removed the deletions already, or not yet.
    /// </summary>
    public WatchCreateRequest Watch()
    {
        ByteString key = Key();
        var watch = new WatchCreateRequest
        {
            Key = key,
            RangeEnd = End(key),
            PrevKv = Chance(2),
            Fragment = Chance(3),
            ProgressNotify = Chance(3),
            WatchId = Chance(3) ? _random.Next(1, 100) : 0,
            StartRevision = _random.Next(6) switch
            {
                0 => 0,
                1 => _revision + _random.Next(1, 20),
                2 => Math.Max(1, Compacted - _random.Next(1, 20)),
                _ => Math.Max(1, _revision - _random.Next(0, 60)),
            },
        };
        watch.StartRevision += watch.StartRevision == Compacted && Compacted > 0 ? 1 : 0;
        if (Chance(2))
        {
            watch.Filters.Add((WatchCreateRequest.Types.FilterType)_random.Next(2));
        }

        if (Chance(10))
        {
            watch.Filters.Add((WatchCreateRequest.Types.FilterType)_random.Next(2));
        }

        return watch;
    }

    /// <summary>The next request with its method.</summary>
    public (string Method, IMessage Request) Next() => _random.Next(100) switch
    {
        < 30 => ("Put", Put()),
        < 58 => ("Range", Range()),
        < 66 => ("DeleteRange", Delete()),
        < 68 => _auth.Next(),
        < 88 => ("Txn", Txn(depth: 0, new WriteSet(), isThere: true)),
        < 90 => ("Compact", Compact()),
        < 93 => ("LeaseGrant", new LeaseGrantRequest { ID = LeaseId(), TTL = _random.Next(5_000, 50_000) }),
        < 95 => ("LeaseRevoke", new LeaseRevokeRequest { ID = LeaseId() }),
        < 97 => ("LeaseKeepAlive", new LeaseKeepAliveRequest { ID = LeaseId() }),
        < 99 => ("LeaseTimeToLive", new LeaseTimeToLiveRequest { ID = LeaseId(), Keys = Chance(2) }),
        _ => ("LeaseLeases", new LeaseLeasesRequest()),
    };

    private static ByteString Latin(string text) => ByteString.CopyFrom(System.Text.Encoding.Latin1.GetBytes(text));

    private bool Chance(int oneIn) => _random.Next(oneIn) == 0;

    private ByteString Key() => Chance(200) ? ByteString.Empty : Keys[_random.Next(Keys.Length)];

    private long LeaseId() => _random.Next(1, 12);

    private ByteString End(ByteString key) => _random.Next(6) switch
    {
        0 => FromKey,
        1 => Keys[_random.Next(Keys.Length)],
        2 when key.Length > 0 && key[^1] < 255 => ByteString.CopyFrom([.. key.Span[..^1], (byte)(key[^1] + 1)]),
        _ => ByteString.Empty,
    };

    private long OldOrFuture() => Chance(30) ? _revision + _random.Next(1, 5) : Math.Max(0, _revision - _random.Next(0, 40));

    private PutRequest Put()
    {
        var put = new PutRequest { Key = Key(), PrevKv = Chance(3) };
        int kind = _random.Next(20);
        put.IgnoreValue = kind == 0;
        put.IgnoreLease = kind == 1;
        if (!put.IgnoreValue || Chance(10))
        {
            put.Value = Chance(15) ? ByteString.Empty : ByteString.CopyFromUtf8("v" + ++_written);
        }

        if (Chance(6) && (!put.IgnoreLease || Chance(10)))
        {
            put.Lease = LeaseId();
        }

        return put;
    }

    private RangeRequest Range()
    {
        ByteString key = Key();
        var range = new RangeRequest { Key = key, RangeEnd = End(key) };
        range.Limit = Chance(3) ? _random.Next(-1, 6) : 0;
        range.Revision = Chance(4) ? OldOrFuture() : 0;
        range.SortOrder = (RangeRequest.Types.SortOrder)(Chance(2) ? _random.Next(3) : 0);
        range.SortTarget = (RangeRequest.Types.SortTarget)(Chance(2) ? _random.Next(5) : 0);
        range.Serializable = Chance(4);
        range.KeysOnly = Chance(6);
        range.CountOnly = Chance(8);
        range.MinModRevision = Chance(8) ? OldOrFuture() : 0;
        range.MaxModRevision = Chance(8) ? OldOrFuture() : 0;
        range.MinCreateRevision = Chance(8) ? OldOrFuture() : 0;
        range.MaxCreateRevision = Chance(8) ? OldOrFuture() : 0;
        return range;
    }

    private DeleteRangeRequest Delete()
    {
        ByteString key = Key();
        return new DeleteRangeRequest { Key = key, RangeEnd = Chance(4) ? End(key) : ByteString.Empty, PrevKv = Chance(2) };
    }

    private CompactionRequest Compact() => new()
    {
        Revision = Chance(5) ? _revision + _random.Next(-1, 3) : Math.Max(1, _revision - _random.Next(1, 60)),
        Physical = Chance(2),
    };

    private Compare Compare()
    {
        ByteString key = Key();
        var compare = new Compare
        {
            Key = key,
            RangeEnd = Chance(4) ? End(key) : ByteString.Empty,
            Result = (Compare.Types.CompareResult)_random.Next(4),
            Target = (Compare.Types.CompareTarget)_random.Next(5),
        };
        switch (Chance(20) ? (Compare.Types.CompareTarget)_random.Next(5) : compare.Target)
        {
            case RaftKv.Protocol.Etcd.Compare.Types.CompareTarget.Version:
                compare.Version = _random.Next(4);
                break;
            case RaftKv.Protocol.Etcd.Compare.Types.CompareTarget.Create:
                compare.CreateRevision = Chance(3) ? 0 : OldOrFuture();
                break;
            case RaftKv.Protocol.Etcd.Compare.Types.CompareTarget.Mod:
                compare.ModRevision = Chance(3) ? 0 : OldOrFuture();
                break;
            case RaftKv.Protocol.Etcd.Compare.Types.CompareTarget.Lease:
                compare.Lease = _random.Next(12);
                break;
            default:
                compare.Value = ByteString.CopyFromUtf8("v" + _random.Next(_written + 1));
                break;
        }

        return compare;
    }

    private TxnRequest Txn(int depth, WriteSet written, bool isThere)
    {
        var txn = new TxnRequest();
        for (int i = _random.Next(3); i > 0; i--)
        {
            txn.Compare.Add(Compare());
        }

        int readOnly = _random.Next(4);
        AddOps(txn.Success, depth, written, readOnly == 0);
        AddOps(txn.Failure, depth, written, readOnly == 0);
        return txn;
    }

    private void AddOps(ICollection<RequestOp> ops, int depth, WriteSet written, bool isReadOnly)
    {
        for (int i = _random.Next(4); i > 0; i--)
        {
            ops.Add(Op(depth, written, isReadOnly));
        }
    }

    // A key is put and deleted in one txn only by name, and rarely: that is refused by both. What one of them lets pass
    // (docs/etcd-compatibility.md) is not made: a delete of a range that covers a put elsewhere in the txn.
    private RequestOp Op(int depth, WriteSet written, bool isReadOnly)
    {
        switch (isReadOnly ? 0 : _random.Next(8))
        {
            case 1 or 2 or 3:
                PutRequest put = Put();
                return written.MayPut(put.Key) || (depth == 0 && Chance(15) && !written.IsDeleted(put.Key))
                    ? new RequestOp { RequestPut = put }
                    : new RequestOp { RequestRange = Range() };
            case 4:
                ByteString key = Key();
                return written.MayDelete(key)
                    ? new RequestOp { RequestDeleteRange = new DeleteRangeRequest { Key = key, PrevKv = Chance(2) } }
                    : new RequestOp { RequestRange = Range() };
            case 5 when depth < 2:
                return new RequestOp { RequestTxn = Txn(depth + 1, written, isThere: false) };
            case 6 when Chance(40):
                return new RequestOp();
            default:
                return new RequestOp { RequestRange = Range() };
        }
    }

    private sealed class WriteSet
    {
        private readonly HashSet<ByteString> _puts = [];
        private readonly HashSet<ByteString> _deletes = [];

        public bool MayPut(ByteString key) => !_deletes.Contains(key) && _puts.Add(key);

        public bool IsDeleted(ByteString key) => _deletes.Contains(key);

        public bool MayDelete(ByteString key) => !_puts.Contains(key) && (_deletes.Add(key) || true);
    }
}
