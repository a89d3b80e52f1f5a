using System.Text.Json.Nodes;
using static RaftKv.Doors.OpenApi.Model.ApiSchemas;

namespace RaftKv.Doors.OpenApi.Model;

/// <summary>The shapes of quotas and alarms.</summary>
internal static class QuotaSchemas
{
    /// <summary>Adds them.</summary>
    public static void AddTo(Dictionary<string, JsonObject> all)
    {
        all["Use"] = Object(
            "What is used and allowed.", ("used", Number("Now")), ("allowed", Nullable(Number("At most; null when it is not limited"))));
        all["StoreSpace"] = Object(
            "The whole store.",
            ("bytes", Reference("Use")), ("quotaBytes", Nullable(Number("The quota that was set; null for none"))),
            ("members", List("MemberSpace")));
        all["MemberSpace"] = Object(
            "What a member can hold of the store, by its memory budget.",
            ("node", Text("Name of the node")), ("storeBytes", Number("Bytes")));
        all["QuotaBody"] = Object(
            "What may be taken; what is absent is not limited.",
            ("keys?", Nullable(Number("Most live keys"))),
            ("bytes?", Nullable(Number("Most bytes, all kept versions with their overhead"))));
        all["QuotaUse"] = Object(
            "A prefix with a quota.",
            ("prefix", Text("The prefix")), ("prefixEncoding?", Choice("Present when it is not UTF-8", "base64url")),
            ("keys", Reference("Use")), ("bytes", Reference("Use")));
        all["Quota"] = Object(
            "A prefix with a quota.",
            ("prefix", Text("The prefix")), ("prefixEncoding?", Choice("Present when it is not UTF-8", "base64url")),
            ("keys", Reference("Use")), ("bytes", Reference("Use")), ("revision", Number("As of this revision")));
        all["QuotaList"] = Object(
            "The store and all quotas.",
            ("store", Reference("StoreSpace")), ("quotas", List("QuotaUse")), ("revision", Number("As of this revision")));
        all["Alarm"] = Object(
            "NOSPACE: no room. CORRUPT: somebody called the data damaged. state-differs: a node whose state differs from the leader's "
            + "after the same entry, by a bug or damaged memory; only its leader tells it.",
            ("kind", Choice("What is wrong", "NOSPACE", "CORRUPT", "state-differs")),
            ("node?", Text("Name of the node that it is about; absent for the whole cluster")),
            ("cause?", Choice("Who raised it", "quota", "disk", "hand")), ("index?", Number("state-differs: after which entry")),
            ("leaderHash?", Text("Hash of the leader's state there")), ("nodeHash?", Text("Hash of the node's state there")));
        all["AlarmList"] = Object(
            "The alarms that are raised.",
            ("alarms", List("Alarm")), ("store", Reference("StoreSpace")), ("revision", Number("As of this revision")));
    }
}
