using RaftKv.Contract.Bodies;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Node;
using RaftKv.Service.Vocabulary;

namespace RaftKv.Doors.Http;

/// <summary>What is used and allowed, as it is shown everywhere.</summary>
internal static class UseBodies
{
    /// <summary>Used and allowed; null for what is not limited.</summary>
    public static UseBody Of(long used, long allowed) => new() { Used = used, Allowed = LimitOf(allowed) };

    /// <summary>The whole store.</summary>
    public static StoreSpaceBody OfStore(INode node, StoreView view) => new()
    {
        Bytes = Of(view.UsedBytes, view.LimitBytes),
        QuotaBytes = LimitOf(view.StoreQuotaBytes ?? KvLimits.NoQuota),
        Members =
        [
            .. view.ListMemberBudgets().Select(member => new MemberSpaceBody
            {
                Node = NodeNames.NameOf(node, member.Node),
                StoreBytes = member.StoreBytes,
            }),
        ],
    };

    /// <summary>The alarms that are raised in the store.</summary>
    public static IEnumerable<AlarmBody> Alarms(INode node, StoreView view) => view.ListAlarms().Select(alarm => new AlarmBody
    {
        Kind = AlarmNames.Of(alarm.Kind),
        Node = alarm.Node.IsNone ? null : NodeNames.NameOf(node, alarm.Node),
        Cause = AlarmNames.Of(alarm.Cause),
    });

    private static long? LimitOf(long limit) => limit == KvLimits.NoQuota ? null : limit;
}
