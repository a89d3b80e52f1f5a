using System.Globalization;
using System.Text;
using RaftKv.Core;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.Tree;
using RaftKv.Watch;

namespace RaftKv.Service.Coordination;

/// <summary>
/// The line that etcd's clients play with ordinary keys: a key NAME/LEASE for each who waits, in the order of their
/// create revisions; the first one holds.
/// </summary>
internal sealed class RecipeLine(ReadOnlySpan<byte> name) : IPlaceLine
{
    /// <summary>What all keys of the line begin with.</summary>
    public byte[] Prefix { get; } = [.. name, (byte)'/'];

    /// <summary>The first one in the line, at a revision (zero means the newest); null when nobody is.</summary>
    public static KeyValue? HolderIn(StoreView view, byte[] prefix, Revision revision) => view.Range(new RangeRequest
    {
        Keys = KeyRange.Prefix(prefix),
        Revision = revision,
        Limit = 1,
        SortBy = SortTarget.CreateRevision,
    }) is { Status: ReadStatus.Ok, Pairs: [var first, ..] } ? first : null;

    /// <summary>Key of a lease's place.</summary>
    public byte[] KeyOf(LeaseId lease) =>
        [.. Prefix, .. Encoding.ASCII.GetBytes(lease.Value.ToString("x", CultureInfo.InvariantCulture))];

    /// <summary>Takes a place, or finds the one that the lease has already.</summary>
    public MutateCommand Enter(byte[] key, LeaseId lease, ReadOnlyMemory<byte> value) => new(new TxnOp(
        [new Compare(KeyRange.Single(key), CompareTarget.CreateRevision, CompareOperator.Equal, 0, default)],
        [new PutOp(key, value, lease)],
        [new RangeOp(new RangeRequest { Keys = KeyRange.Single(key) })]));

    /// <summary>The place, from the result of <see cref="Enter"/>.</summary>
    public static KeyValue PlaceOf(CommandResult entered) => ((TxnResult)entered.Result!).Results[0] switch
    {
        PutResult put => put.Written,
        RangeResult { Pairs: [var present, ..] } => present,
        var other => Check.Unreachable<KeyValue>(other),
    };

    /// <inheritdoc/>
    public PlaceState StateOf(StoreView view, KeyValue place)
    {
        if (view.Get(place.KeySpan) is not { } own || own.CreateRevision != place.CreateRevision)
        {
            return new PlaceState(PlaceStanding.Gone);
        }

        return LastBefore(view, place.CreateRevision) is { } ahead
            ? new PlaceState(PlaceStanding.Waits, WatchSelector.OfKey(ahead.Key.ToArray()).Only(puts: false, deletes: true))
            : new PlaceState(PlaceStanding.Holds);
    }

    private KeyValue? LastBefore(StoreView view, Revision revision) => view.Range(new RangeRequest
    {
        Keys = KeyRange.Prefix(Prefix),
        MaxCreateRevision = new Revision(revision.Value - 1),
        Limit = 1,
        SortBy = SortTarget.CreateRevision,
        IsDescending = true,
    }).Pairs is [var last, ..] ? last : null;
}
