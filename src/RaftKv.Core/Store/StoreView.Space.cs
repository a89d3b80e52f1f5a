using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Quotas;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.Rights;
using RaftKv.Core.Store.Tree;

namespace RaftKv.Core.Store;

public sealed partial class StoreView
{
    /// <summary>What the store costs, in bytes as quotas count them: about what it takes in memory.</summary>
    public long UsedBytes => Root.Cost + Records.ChargedBytes;

    /// <summary>
    /// Most that it may cost: the quota, but never more than the smallest member can hold; <see cref="KvLimits.NoQuota"/>
    /// when nothing limits it.
    /// </summary>
    public long LimitBytes => SpaceRecords.LimitIn(Records.Root);

    /// <summary>The quota of the whole store; null while none is set.</summary>
    public long? StoreQuotaBytes => SpaceRecords.QuotaIn(Records.Root);

    /// <summary>What the members said that they can hold, by node.</summary>
    public IReadOnlyList<MemberBudget> ListMemberBudgets() => SpaceRecords.ListBudgets(Records.Root);

    /// <summary>The alarms that are raised, by kind and node.</summary>
    public IReadOnlyList<Alarm> ListAlarms() => SpaceRecords.ListAlarms(Records.Root);

    /// <summary>What the keys of a prefix use; empty means all keys. Takes a time that does not depend on how many they are.</summary>
    public QuotaUse UseOf(ReadOnlyMemory<byte> prefix) => QuotaUse.Of(Root, prefix);

    /// <summary>The same of a range, which is no single key.</summary>
    public QuotaUse UseOf(KeyRange keys) => QuotaUse.Of(Root, keys);

    /// <summary>The quota of exactly this prefix; null when it has none.</summary>
    public QuotaTerms? GetQuota(ReadOnlySpan<byte> prefix) => QuotaTable.Find(Records.Root, prefix);

    /// <summary>Prefixes with a quota that come after one, in byte order, with their use; at most so many.</summary>
    /// <param name="after">The last prefix of the page before; empty for the first page.</param>
    public IReadOnlyList<QuotaInfo> ListQuotas(ReadOnlySpan<byte> after, int limit)
    {
        List<QuotaInfo> quotas = [];
        foreach (KeyValue record in QuotaTable.List(Records.Root, after, limit))
        {
            ReadOnlyMemory<byte> prefix = QuotaTable.PrefixIn(record);
            quotas.Add(new QuotaInfo(prefix, QuotaTable.TermsIn(record), UseOf(prefix)));
        }

        return quotas;
    }

    /// <summary>
    /// The refusal of a command by an alarm NOSPACE of this view; null when there is none. A door asks before it proposes, so
    /// that what is refused anyway fills no log and no disk. As where it is applied, rights are asked for first: who may not
    /// write is not told that there is no room. Never for a keyed command, which may be a repeat of one that was applied.
    /// </summary>
    /// <param name="principal">Who asks; empty for nobody in particular. It need not stand in the command yet.</param>
    public CommandResult? RefusalForRoom(KvCommand command, ReadOnlyMemory<byte> principal)
    {
        ArgumentNullException.ThrowIfNull(command);
        bool mayBeRepeat = command.Idempotency is not null || command.Session is not null;
        if (mayBeRepeat || !SpaceRules.NeedsRoom(command) || !SpaceRecords.HasNoSpaceIn(Records.Root))
        {
            return null;
        }

        if (AccessJudge.Over(Records.Root).Judge(command with { Principal = principal }) is { } missing)
        {
            return new CommandResult(CommandStatus.AccessDenied, Revision, missing);
        }

        QuotaTerms terms = new(KvLimits.NoQuota, LimitBytes);
        return new CommandResult(
            CommandStatus.QuotaExceeded, Revision, new QuotaExceededResult(default, terms, new QuotaUse(KeyCount, UsedBytes)));
    }
}
