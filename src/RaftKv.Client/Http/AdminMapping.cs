using System.Text.Json;

namespace RaftKv.Client.Http;

/// <summary>
/// Reads the answers about nodes, members and operations: what is known by name, and the whole JSON beside it.
/// </summary>
internal static class AdminMapping
{
    internal static NodeStatus ToStatus(Answer answer)
    {
        JsonElement json = ParseObject(answer);
        return new NodeStatus(
            Text(json, "name") ?? answer.Metadata.ServedBy,
            Text(json, "role") ?? answer.Metadata.Role,
            LeaderName(json) ?? answer.Metadata.Leader,
            Number(json, "term") ?? answer.Metadata.Term,
            Number(json, "revision") ?? answer.Metadata.Revision,
            json,
            answer.Metadata);
    }

    internal static ClusterInfo ToCluster(Answer answer)
    {
        JsonElement json = ParseObject(answer);
        List<ClusterMember> members = [];
        if (json.TryGetProperty("members", out JsonElement list) && list.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement member in list.EnumerateArray())
            {
                members.Add(new ClusterMember(
                    Text(member, "id"),
                    Text(member, "name"),
                    Text(member, "peerUrl"),
                    Text(member, "clientUrl"),
                    IsVoter(member)));
            }
        }

        return new ClusterInfo(Text(json, "clusterId"), LeaderName(json) ?? answer.Metadata.Leader, members, json, answer.Metadata);
    }

    internal static OperationInfo ToOperation(string id, Answer answer)
    {
        JsonElement json = ParseObject(answer);
        OperationState state = (Text(json, "state")) switch
        {
            "pending" => OperationState.Pending,
            "applied" => OperationState.Applied,
            "not-applied" => OperationState.NotApplied,
            "unknown" => OperationState.Unknown,
            _ => throw WireMapping.Broken(answer, RequestKind.Read, "it names no state that this client knows"),
        };
        return new OperationInfo(id, state, json, answer.Metadata);
    }

    internal static PrefixQuota ToQuota(RaftKvKey prefix, Answer answer)
    {
        JsonElement json = ParseObject(answer);
        return new PrefixQuota(prefix, UseOf(json, "keys", answer), UseOf(json, "bytes", answer), answer.Metadata);
    }

    internal static StoreSpace ToSpace(Answer answer)
    {
        JsonElement json = ParseObject(answer);
        JsonElement store = json.TryGetProperty("store", out JsonElement found) ? found : json;
        List<string> alarms = [];
        if (json.TryGetProperty("alarms", out JsonElement list) && list.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement alarm in list.EnumerateArray())
            {
                string?[] parts = [Text(alarm, "kind"), Text(alarm, "cause"), Text(alarm, "node")];
                alarms.Add(string.Join(' ', parts.Where(static part => part is not null)));
            }
        }

        return new StoreSpace(UseOf(store, "bytes", answer), alarms, json, answer.Metadata);
    }

    private static SpaceUse UseOf(JsonElement json, string name, Answer answer) =>
        json.TryGetProperty(name, out JsonElement use) && use.ValueKind == JsonValueKind.Object && Number(use, "used") is { } used
            ? new SpaceUse(used, Number(use, "allowed"))
            : throw WireMapping.Broken(answer, RequestKind.Read, "it does not say what is used");

    internal static ReceiptCheck ToReceiptCheck(Answer answer)
    {
        JsonElement json = ParseObject(answer);
        bool isValid = json.TryGetProperty("valid", out JsonElement valid) && valid.ValueKind == JsonValueKind.True;
        JsonElement? receipt = isValid && json.TryGetProperty("receipt", out JsonElement stated) ? stated : null;
        return new ReceiptCheck(isValid, isValid ? null : Text(json, "reason") ?? "The node gave no reason.", receipt, answer.Metadata);
    }

    private static JsonElement ParseObject(Answer answer)
    {
        JsonElement json = WireMapping.ParseElement(answer);
        return json.ValueKind == JsonValueKind.Object ? json : throw WireMapping.Broken(answer, RequestKind.Read, "its body is no JSON object");
    }

    private static string? Text(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    private static long? Number(JsonElement json, string name) =>
        json.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long number)
            ? number
            : null;

    /// <summary>The leader is an object with a name; null when there is none.</summary>
    private static string? LeaderName(JsonElement json) => json.TryGetProperty("leader", out JsonElement leader) ? Text(leader, "name") : null;

    private static bool IsVoter(JsonElement member) =>
        member.ValueKind == JsonValueKind.Object && member.TryGetProperty("voter", out JsonElement flag) && flag.ValueKind == JsonValueKind.True;
}
