using System.Globalization;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;

namespace RaftKv.Core.Tests.Store;

/// <summary>Random commands over few keys, so that they meet often; drawn from a seed.</summary>
internal sealed class RandomCommands(DeterministicRandom random, int keyCount)
{
    public IReadOnlyList<string> Keys { get; } =
        [.. Enumerable.Range(0, keyCount).Select(i => (i % 3 == 0 ? "a/" : i % 3 == 1 ? "b" : "c/d/") + i.ToString(CultureInfo.InvariantCulture))];

    public KvCommand Next(long revision, long compacted)
    {
        if (random.Chance(25))
        {
            return new CompactCommand(new Revision(Math.Max(0, random.Chance(800)
                ? compacted + random.Next((int)(revision - compacted) + 1)
                : compacted + random.Next(-2, (int)(revision - compacted) + 4))));
        }

        return new MutateCommand(NextOp(revision, depth: 0), random.Chance(100) ? NextCompare(revision) : null);
    }

    public RangeRequest NextRequest(long revision) => new()
    {
        Keys = NextRange(),
        Revision = new Revision(random.Chance(500) ? 0 : random.Next((int)revision + 3)),
        Limit = random.Chance(500) ? 0 : random.Next(6),
        IsKeysOnly = random.Chance(150),
        IsCountOnly = random.Chance(150),
        SortBy = random.Chance(500) ? SortTarget.Key : (SortTarget)random.Next(5),
        IsDescending = random.Chance(400),
        MinModRevision = NextBound(revision),
        MaxModRevision = NextBound(revision),
        MinCreateRevision = NextBound(revision),
        MaxCreateRevision = NextBound(revision),
    };

    private Revision NextBound(long revision) => new(random.Chance(900) ? 0 : random.Next((int)revision + 2));

    private ReadOnlyMemory<byte> NextKey() => StoreHarness.Bytes(Keys[random.Next(Keys.Count)]);

    private KeyRange NextRange() => random.Next(6) switch
    {
        0 => KeyRange.All,
        1 => KeyRange.From(NextKey()),
        2 => KeyRange.Prefix(StoreHarness.Bytes(random.Chance(500) ? "a/" : "c")),
        3 => KeyRange.Between(NextKey(), NextKey()),
        _ => KeyRange.Single(NextKey()),
    };

    private Compare NextCompare(long revision)
    {
        CompareTarget target = (CompareTarget)random.Next(5);
        CompareOperator comparison = (CompareOperator)random.Next(4);
        KeyRange keys = random.Chance(750) ? KeyRange.Single(NextKey()) : NextRange();
        return target == CompareTarget.Value
            ? new Compare(keys, target, comparison, 0, NextValue())
            : new Compare(keys, target, comparison, random.Chance(500) ? random.Next(3) : random.Next((int)revision + 2), default);
    }

    private ReadOnlyMemory<byte> NextValue() => StoreHarness.Bytes(random.Next(8) switch
    {
        0 => "",
        1 => "text",
        2 => "9223372036854775807",
        _ => random.Next(-5, 40).ToString(CultureInfo.InvariantCulture),
    });

    private KvOp NextOp(long revision, int depth)
    {
        int kind = random.Next(depth == 0 ? 1000 : 700);
        return kind switch
        {
            < 300 => NextPut(),
            < 420 => new IncrementOp(NextKey(), random.Chance(50) ? long.MaxValue : random.Next(-3, 10)),
            < 520 => new DeleteRangeOp(random.Chance(700) ? KeyRange.Single(NextKey()) : NextRange(), random.Chance(500)),
            < 570 => new RangeOp(NextRequest(revision)),
            < 650 when depth >= 3 => NextPut(),
            < 700 or >= 800 => NextTxn(revision, depth + 1),
            _ => NextPut(),
        };
    }

    private PutOp NextPut() => new(
        NextKey(), NextValue(), new LeaseId(random.Chance(20) ? 7 : 0), random.Chance(400), random.Chance(60), random.Chance(40));

    private TxnOp NextTxn(long revision, int depth)
    {
        Compare[] compares = [.. Enumerable.Range(0, random.Next(3)).Select(_ => NextCompare(revision))];
        KvOp[] then = [.. Enumerable.Range(0, random.Next(4)).Select(_ => NextOp(revision, depth))];
        KvOp[] otherwise = [.. Enumerable.Range(0, random.Next(3)).Select(_ => NextOp(revision, depth))];
        return new TxnOp(compares, then, otherwise);
    }
}
