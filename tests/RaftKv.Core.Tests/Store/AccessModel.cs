using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Rights;

namespace RaftKv.Core.Tests.Store;

/// <summary>
/// Who may do what, decided in the plainest way: all needs of a command are listed, and each is looked for in each grant.
/// Shares no code with the judge.
/// </summary>
internal sealed class AccessModel
{
    public Dictionary<string, List<string>> RolesOf { get; } = [];

    public Dictionary<string, List<(KeyRange Keys, KeyRights Rights)>> GrantsOf { get; } = [];

    /// <summary>True when the whole range lies in the ranges together.</summary>
    public static bool Covers(IReadOnlyList<KeyRange> ranges, KeyRange asked)
    {
        byte[] at = asked.Start.ToArray();
        byte[]? end = asked.Kind switch
        {
            KeyRangeKind.Single => [.. at, 0],
            KeyRangeKind.Between => asked.End.ToArray(),
            _ => null,
        };
        while (end is null || at.AsSpan().SequenceCompareTo(end) < 0)
        {
            int holder = -1;
            for (int i = 0; i < ranges.Count && holder < 0; i++)
            {
                holder = ranges[i].Contains(at) ? i : -1;
            }

            if (holder < 0)
            {
                return false;
            }

            if (ranges[holder].Kind == KeyRangeKind.From)
            {
                return true;
            }

            at = ranges[holder].Kind == KeyRangeKind.Single ? [.. at, 0] : ranges[holder].End.ToArray();
        }

        return true;
    }

    /// <summary>Whether a user may have this command applied; leases hold no keys of others in the model's world.</summary>
    public bool Allows(string user, MutateCommand command)
    {
        List<(KeyRights Right, KeyRange Keys)> needs = [];
        if (command.Guard is not null)
        {
            needs.Add((KeyRights.Read, command.Guard.Keys));
        }

        List(command.Op, needs);
        return needs.TrueForAll(need => Covers(RangesOf(user, need.Right), need.Keys));
    }

    /// <summary>The ranges over which a user has a right.</summary>
    public List<KeyRange> RangesOf(string user, KeyRights right) =>
    [
        .. RolesOf.GetValueOrDefault(user, []).SelectMany(role => GrantsOf.GetValueOrDefault(role, []))
            .Where(grant => grant.Rights.HasFlag(right)).Select(static grant => grant.Keys),
    ];

    private static void List(KvOp op, List<(KeyRights Right, KeyRange Keys)> needs)
    {
        switch (op)
        {
            case PutOp put:
                needs.Add((KeyRights.Write, KeyRange.Single(put.Key)));
                if (put.WantsPrevious)
                {
                    needs.Add((KeyRights.Read, KeyRange.Single(put.Key)));
                }

                break;
            case IncrementOp add:
                needs.Add((KeyRights.Write, KeyRange.Single(add.Key)));
                needs.Add((KeyRights.Read, KeyRange.Single(add.Key)));
                break;
            case DeleteRangeOp delete:
                needs.Add((KeyRights.Write, delete.Keys));
                if (delete.WantsPrevious)
                {
                    needs.Add((KeyRights.Read, delete.Keys));
                }

                break;
            case RangeOp range:
                needs.Add((KeyRights.Read, range.Request.Keys));
                break;
            case TxnOp txn:
                needs.AddRange(txn.Compares.Select(static compare => (KeyRights.Read, compare.Keys)));
                foreach (KvOp inner in txn.Then.Concat(txn.Else))
                {
                    List(inner, needs);
                }

                break;
            default:
                throw new ArgumentException(op.GetType().Name);
        }
    }
}
