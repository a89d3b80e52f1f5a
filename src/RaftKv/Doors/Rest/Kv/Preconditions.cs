using RaftKv.Core.Store.Commands;
using RaftKv.Doors.Http;
using RaftKv.Service.Writes;

namespace RaftKv.Doors.Rest.Kv;

/// <summary>If-Match and If-None-Match, and what they make of a write.</summary>
internal readonly struct Preconditions
{
    private readonly EntityTags _ifMatch;
    private readonly EntityTags _ifNoneMatch;

    private Preconditions(EntityTags ifMatch, EntityTags ifNoneMatch)
    {
        _ifMatch = ifMatch;
        _ifNoneMatch = ifNoneMatch;
    }

    /// <summary>True when either header was sent.</summary>
    public bool IsGiven => _ifMatch.IsGiven || _ifNoneMatch.IsGiven;

    /// <summary>If-Match.</summary>
    public EntityTags IfMatch => _ifMatch;

    /// <summary>If-None-Match.</summary>
    public EntityTags IfNoneMatch => _ifNoneMatch;

    /// <summary>Reads both headers.</summary>
    public static Preconditions Parse(IHeaderDictionary headers) =>
        new(EntityTags.Parse(headers.IfMatch, "If-Match"), EntityTags.Parse(headers.IfNoneMatch, "If-None-Match"));

    /// <summary>The command that runs the operation on a key if the conditions hold.</summary>
    public MutateCommand Guarded(ReadOnlyMemory<byte> key, KvOp op)
    {
        if (!IsGiven)
        {
            return new MutateCommand(op);
        }

        KeyRange keys = KeyRange.Single(key);
        return GuardedWrite.Build(key, op, MatchCompares(keys), NoneMatchCompares(keys));
    }

    private List<Compare> MatchCompares(KeyRange keys)
    {
        var compares = new List<Compare>();
        if (_ifMatch.IsAny)
        {
            compares.Add(Number(keys, CompareTarget.Version, CompareOperator.Greater, 0));
            return compares;
        }

        foreach (long revision in _ifMatch.Strong)
        {
            if (revision > 0)
            {
                compares.Add(Number(keys, CompareTarget.ModRevision, CompareOperator.Equal, revision));
            }
        }

        if (_ifMatch.IsGiven && compares.Count == 0)
        {
            // Only weak or foreign tags: nothing can match. A guard that no state passes still answers with the key's
            // present state.
            compares.Add(Number(keys, CompareTarget.Version, CompareOperator.Less, 0));
        }

        return compares;
    }

    private List<Compare> NoneMatchCompares(KeyRange keys)
    {
        var compares = new List<Compare>();
        if (_ifNoneMatch.IsAny)
        {
            compares.Add(Number(keys, CompareTarget.Version, CompareOperator.Equal, 0));
            return compares;
        }

        AddExclusions(compares, keys, _ifNoneMatch.Strong);
        AddExclusions(compares, keys, _ifNoneMatch.Weak);
        return compares;
    }

    private static void AddExclusions(List<Compare> compares, KeyRange keys, ReadOnlySpan<long> revisions)
    {
        foreach (long revision in revisions)
        {
            if (revision > 0)
            {
                compares.Add(Number(keys, CompareTarget.ModRevision, CompareOperator.NotEqual, revision));
            }
        }
    }

    private static Compare Number(KeyRange keys, CompareTarget target, CompareOperator op, long number) =>
        new(keys, target, op, number, default);
}
