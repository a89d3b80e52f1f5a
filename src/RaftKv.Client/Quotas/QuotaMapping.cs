using System.Text.Json;
using RaftKv.Client.Http;
using RaftKv.Contract.Bodies;

namespace RaftKv.Client.Quotas;

/// <summary>Reads the answers about room.</summary>
internal static class QuotaMapping
{
    internal static PrefixQuota ToQuota(RaftKvKey prefix, Answer answer)
    {
        QuotaAnswer wire = WireMapping.Parse(answer, AnswerJson.Default.QuotaAnswer, RequestKind.Read);
        return new PrefixQuota(prefix, ToUse(wire.Keys), ToUse(wire.Bytes), answer.Metadata);
    }

    internal static StoreSpace ToSpace(Answer answer)
    {
        AlarmList wire = WireMapping.Parse(answer, AnswerJson.Default.AlarmList, RequestKind.Read);
        JsonElement json = WireMapping.ParseElement(answer);
        return new StoreSpace(ToUse(wire.Store.Bytes), [.. wire.Alarms.Select(ToText)], json, answer.Metadata);
    }

    private static SpaceUse ToUse(UseBody use) => new(use.Used, use.Allowed);

    private static string ToText(AlarmBody alarm)
    {
        string?[] parts = [alarm.Kind, alarm.Cause, alarm.Node];
        return string.Join(' ', parts.Where(static part => part is not null));
    }
}
