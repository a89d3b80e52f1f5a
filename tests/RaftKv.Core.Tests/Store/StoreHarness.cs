using System.Text;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Gates;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.Snapshot;
using RaftKv.Core.Store.Tree;

namespace RaftKv.Core.Tests.Store;

/// <summary>
/// A store with its log index kept, and short words for commands, so that a test reads like the story that it tells.
/// </summary>
internal sealed class StoreHarness
{
    /// <summary>A store whose log has begun, with everything that this build knows in force.</summary>
    public StoreHarness()
        : this(new MvccStore())
    {
        Store.Found(Store.AppliedIndex.Next, GateTable.ThisBuild.Newest);
    }

    public StoreHarness(MvccStore store)
    {
        Store = store;
    }

    /// <summary>The term of the entries that are applied.</summary>
    public static Term EntryTerm => new(5);

    public MvccStore Store { get; }

    public StoreView View => Store.Publish();

    public long Revision => View.Revision.Value;

    public static ReadOnlyMemory<byte> Bytes(string text) => Encoding.UTF8.GetBytes(text);

    public static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);

    public static KeyRange Key(string key) => KeyRange.Single(Bytes(key));

    public static PutOp Put(string key, string value, bool wantsPrevious = false) =>
        new(Bytes(key), Bytes(value), WantsPrevious: wantsPrevious);

    public static DeleteRangeOp Delete(string key) => new(Key(key), WantsPrevious: true);

    public static DeleteRangeOp DeletePrefix(string prefix) => new(KeyRange.Prefix(Bytes(prefix)), WantsPrevious: true);

    public static IncrementOp Add(string key, long by) => new(Bytes(key), by);

    public static RangeOp Read(string key, long revision = 0) =>
        new(new RangeRequest { Keys = Key(key), Revision = new Revision(revision) });

    public static TxnOp Txn(Compare[] compares, KvOp[] then, params KvOp[] otherwise) => new(compares, then, otherwise);

    public static Compare If(string key, CompareTarget target, CompareOperator comparison, long number) =>
        new(Key(key), target, comparison, number, default);

    public static Compare IfValue(string key, CompareOperator comparison, string value) =>
        new(Key(key), CompareTarget.Value, comparison, 0, Bytes(value));

    public CommandResult Apply(KvCommand command) => ApplyBytes(KvCommandCodec.Encode(command));

    public CommandResult ApplyBytes(byte[] command) => Store.Apply(Store.AppliedIndex.Next, command, EntryTerm);

    public CommandResult Run(KvOp op, Compare? guard = null) => Apply(new MutateCommand(op, guard));

    public CommandResult Compact(long revision) => Apply(new CompactCommand(new Revision(revision)));

    public void Skip() => Store.Skip(Store.AppliedIndex.Next);

    /// <summary>Applies slices (before their gate: empty entries) until no removal is pending; how many it took.</summary>
    public int FinishCompaction()
    {
        int entries = 0;
        while (View.IsCompacting)
        {
            if (Store.ClusterVersion >= Store.Gates.SinceOf(FeatureGate.CompactionByWork))
            {
                Apply(new CompactSliceCommand());
            }
            else
            {
                Skip();
            }

            entries++;
        }

        return entries;
    }

    public string? Value(string key) => View.Get(Bytes(key).Span) is { } pair ? Text(pair.Value) : null;

    public string? ValueAt(string key, long revision)
    {
        Assert.Equal(ReadStatus.Ok, View.Get(Bytes(key).Span, new Revision(revision), out KeyValue? pair));
        return pair is null ? null : Text(pair.Value);
    }

    public ReadStatus StatusAt(string key, long revision) => View.Get(Bytes(key).Span, new Revision(revision), out _);

    public static byte[] Snapshot(StoreView view, int blockBytes = 4096)
    {
        List<byte> bytes = [];
        foreach (ReadOnlyMemory<byte> block in StoreSnapshot.Encode(view, blockBytes))
        {
            bytes.AddRange(block.Span);
        }

        return [.. bytes];
    }

    public static MvccStore Load(byte[] snapshot, int blockBytes = 4096) => StoreSnapshot.Decode(Cut(snapshot, blockBytes));

    private static IEnumerable<ReadOnlyMemory<byte>> Cut(byte[] bytes, int blockBytes)
    {
        for (int offset = 0; offset < bytes.Length; offset += blockBytes)
        {
            yield return bytes.AsMemory(offset, Math.Min(blockBytes, bytes.Length - offset));
        }
    }
}
