using System.Text.Json;
using RaftKv.Client.Http;
using RaftKv.Contract;
using RaftKv.Contract.Bodies;

namespace RaftKv.Client.Admin;

/// <summary>
/// Reads the answers about nodes, members and operations: what is known by name, and the whole JSON beside it.
/// </summary>
internal static class AdminMapping
{
    internal static NodeStatus ToStatus(Answer answer)
    {
        StatusAnswer wire = WireMapping.Parse(answer, AnswerJson.Default.StatusAnswer, RequestKind.Read);
        return new NodeStatus(
            TextOr(wire.Name, answer.Metadata.ServedBy),
            TextOr(wire.Role, answer.Metadata.Role),
            wire.Leader?.Name ?? answer.Metadata.Leader,
            wire.Term > 0 ? wire.Term : answer.Metadata.Term,
            wire.Revision > 0 ? wire.Revision : answer.Metadata.Revision,
            WireMapping.ParseElement(answer),
            answer.Metadata);
    }

    internal static ClusterInfo ToCluster(Answer answer)
    {
        ClusterAnswer wire = WireMapping.Parse(answer, AnswerJson.Default.ClusterAnswer, RequestKind.Read);
        return new ClusterInfo(
            wire.ClusterId,
            wire.Leader?.Name ?? answer.Metadata.Leader,
            [.. wire.Members.Select(static m => new ClusterMember(m.Id, m.Name, TextOr(m.PeerUrl, null), m.ClientUrl, m.Voter)
            {
                Zone = m.Zone,
                Priority = m.Priority ?? 0,
            })],
            WireMapping.ParseElement(answer),
            answer.Metadata);
    }

    internal static OperationInfo ToOperation(string id, Answer answer)
    {
        OperationAnswer wire = WireMapping.Parse(answer, AnswerJson.Default.OperationAnswer, RequestKind.Read);
        OperationState state = wire.State switch
        {
            OperationStates.Pending => OperationState.Pending,
            OperationStates.Applied => OperationState.Applied,
            OperationStates.NotApplied => OperationState.NotApplied,
            OperationStates.Unknown => OperationState.Unknown,
            _ => throw WireMapping.Broken(answer, RequestKind.Read, "it names no state that this client knows"),
        };
        return new OperationInfo(id, state, WireMapping.ParseElement(answer), answer.Metadata);
    }

    internal static ReceiptCheck ToReceiptCheck(Answer answer)
    {
        ReceiptVerdict wire = WireMapping.Parse(answer, AnswerJson.Default.ReceiptVerdict, RequestKind.Read);
        JsonElement json = WireMapping.ParseElement(answer);
        JsonElement? receipt = wire.Valid && json.TryGetProperty("receipt", out JsonElement stated) ? stated : null;
        return new ReceiptCheck(wire.Valid, wire.Valid ? null : wire.Reason ?? "The node gave no reason.", receipt, answer.Metadata);
    }

    private static string? TextOr(string text, string? otherwise) => text.Length > 0 ? text : otherwise;
}
