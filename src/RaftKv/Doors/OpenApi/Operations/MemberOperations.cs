using System.Text.Json.Nodes;
using RaftKv.Doors.OpenApi.Model;
using RaftKv.Service.Refusals;
using static RaftKv.Doors.OpenApi.Operations.ApiOperations;

namespace RaftKv.Doors.OpenApi.Operations;

/// <summary>Changes of the members, and what happens in the cluster.</summary>
internal static class MemberOperations
{
    private const string Pending =
        """{"id":"member-add-00000000000000ab","state":"pending","progress":{"phase":"waiting"}}""";

    private const string Done =
        """{"id":"member-VERB-0000000000000001","state":"applied","progress":{"phase":"done"}}""";

    private static readonly ErrorCode[] _errors =
    [
        ErrorCode.MemberConflict, ErrorCode.NoLeader, ErrorCode.NotReady, ErrorCode.ShuttingDown, ErrorCode.OutcomeUnknown,
    ];

    private static readonly ApiParameter _id = Path("id", "The member's id in hex, or its name.", "n1");

    public static ApiOperation[] All { get; } =
        [Add(), Change(), Remove(), Patch(), Promote(), Demote(), Replace(), Lead(), Drain(), Events()];

    private static ApiOperation Add() => new(
        "POST", "/api/v1/cluster/members", "addMember", ApiTags.Cluster, "Add a member",
        "Makes a place, which counts for nothing until its node is started with `--join`, its name and an empty directory. That directory "
        + "takes the place for good; it receives what there is as a learner, and is a voter by itself once it has caught up.")
    {
        Shared = [ApiParameters.Timeout, ApiParameters.Session],
        Body = Body("The member.", "MemberAddBody", """{"name":"n4","peerUrl":"http://127.0.0.1:2410"}"""),
        Responses = [Goes("The place is there.", Pending)],
        Errors = [.. _errors, ErrorCode.UnsupportedMediaType, ErrorCode.TooLarge, ErrorCode.RequestTimeout],
    };

    private static ApiOperation Change() => new(
        "POST", "/api/v1/cluster/members/change", "changeMembers", ApiTags.Cluster, "Change several members at once",
        "One change, by joint consensus: a majority of the voters before and of those after decide while it is under way. Each member is "
        + "named once.")
    {
        Shared = [ApiParameters.Timeout, ApiParameters.Session],
        Body = Body("What is to become of whom.", "MemberChangeBody", """{"add":[{"name":"n5","peerUrl":"http://127.0.0.1:2420"}]}"""),
        Responses =
        [
            new ApiResponse(202, "It is in force; what goes on is named.", new ApiContent(
                "application/json", "MemberChange", JsonNode.Parse($$"""{"operations":[{{Pending}}]}"""))),
        ],
        Errors = [.. _errors, .. Voters, ErrorCode.UnsupportedMediaType, ErrorCode.TooLarge, ErrorCode.RequestTimeout],
    };

    private static ApiOperation Remove() => new(
        "DELETE", "/api/v1/cluster/members/{id}", "removeMember", ApiTags.Cluster, "Remove a member",
        "It loses its vote at once, closes its doors while it still follows, and is gone then; its process ends with a sentence and exit "
        + "code 8. One that does not answer is gone at once. A leader hands over first. Refused when the voters that are left would not "
        + "be heard by a majority of them.")
    {
        Parameters = [_id],
        Shared = [ApiParameters.Timeout, ApiParameters.Session],
        Responses = [Goes("It is leaving, or gone.", Done.Replace("VERB", "remove", StringComparison.Ordinal))],
        Errors = [.. _errors, .. Voters],
    };

    private static ApiOperation Patch() => new(
        "PATCH", "/api/v1/cluster/members/{id}", "updateMember", ApiTags.Cluster, "Give a member another name, address, zone or priority",
        "The others dial it at its address from now on. A voter of a higher priority than the leader's takes over by a transfer, once it "
        + "has been well for ten election timeouts.")
    {
        Parameters = [_id],
        Shared = [ApiParameters.Timeout, ApiParameters.Session],
        Body = Body("What is to be different.", "MemberPatchBody", """{"peerUrl":"http://127.0.0.1:2381"}"""),
        Responses = [Goes("It is so.", Done.Replace("VERB", "update", StringComparison.Ordinal))],
        Errors = [.. _errors, ErrorCode.MemberNotFound, ErrorCode.UnsupportedMediaType, ErrorCode.TooLarge, ErrorCode.RequestTimeout],
    };

    private static ApiOperation Promote() => new(
        "POST", "/api/v1/cluster/members/{id}/promote", "promoteMember", ApiTags.Cluster, "Give a learner a vote",
        "At once when it has caught up, else as soon as it has.")
    {
        Parameters = [_id],
        Shared = [ApiParameters.Timeout, ApiParameters.Session],
        Responses = [Goes("It votes, or will.", Done.Replace("VERB", "promote", StringComparison.Ordinal))],
        Errors = [.. _errors, .. Voters],
    };

    private static ApiOperation Demote() => new(
        "POST", "/api/v1/cluster/members/{id}/demote", "demoteMember", ApiTags.Cluster, "Take a voter's vote",
        "It goes on as a learner. A leader hands over first.")
    {
        Parameters = [_id],
        Shared = [ApiParameters.Timeout, ApiParameters.Session],
        Responses = [Goes("It has no vote.", Done.Replace("VERB", "demote", StringComparison.Ordinal))],
        Errors = [.. _errors, .. Voters],
    };

    private static ApiOperation Replace() => new(
        "POST", "/api/v1/cluster/members/{id}/replace", "replaceMember", ApiTags.Cluster, "Replace a member",
        "Makes a place as for a new member; when its directory has caught up, it gets the vote and the old one loses it, in one step. "
        + "Without a body the place has the old one's name and address: for a machine whose disk was lost.")
    {
        Parameters = [_id],
        Shared = [ApiParameters.Timeout, ApiParameters.Session],
        Body = new ApiBody("What comes in its place.", IsRequired: false, new ApiContent(
            "application/json", "MemberReplaceBody", JsonNode.Parse("""{"name":"n6","peerUrl":"http://127.0.0.1:2430"}"""))),
        Responses = [Goes("The place is there.", Pending)],
        Errors = [.. _errors, ErrorCode.MemberNotFound, ErrorCode.UnsupportedMediaType, ErrorCode.TooLarge, ErrorCode.RequestTimeout],
    };

    private static ApiOperation Lead() => new(
        "POST", "/api/v1/cluster/members/{id}/lead", "transferLeadership", ApiTags.Cluster, "Hand leadership to a voter",
        "The leader stops taking writes until the member has its whole log, and has it campaign at once; writers wait about a round "
        + "trip. Any node passes it on to the leader. Answered once the member was seen to lead; 504 when it was not in time. A member of "
        + "higher priority takes over again by itself.")
    {
        Parameters = [_id],
        Shared = [ApiParameters.Timeout, ApiParameters.Session],
        Responses = [HandOver("It leads.", "ready")],
        Errors = [.. _errors, ErrorCode.MemberNotFound, ErrorCode.MemberBehind],
    };

    private static ApiOperation Drain() => new(
        "POST", "/api/v1/cluster/members/{id}/drain", "drainMember", ApiTags.Cluster, "Make a node ready to be stopped",
        "It hands leadership over, is not ready any more (so that load balancers leave it), ends its watches and refuses writes with 503, "
        + "while those under way are finished. It goes on to follow, to vote and to answer reads, until its process ends; started again, "
        + "it serves as before. Any node passes it on. Refused when without it no majority of the voters would be left, or be heard by "
        + "the leader, and when every other voter drains already, so that nobody would take writes.")
    {
        Parameters = [_id, Query("force", "Drain although the cluster would be stuck.", ApiParameters.Flag())],
        Shared = [ApiParameters.Timeout, ApiParameters.Session],
        Responses = [HandOver("It drains.", "draining")],
        Errors = [.. _errors, .. Voters],
    };

    private static ApiResponse HandOver(string description, string phase) => new(
        200, description, new ApiContent("application/json", "HandOver", JsonNode.Parse(
            $$$"""{"node":"n1","phase":"{{{phase}}}","term":2,"leader":{"name":"n2","id":"0000000000000002"}}""")));

    private static ApiOperation Events() => new(
        "GET", "/api/v1/events", "watchCluster", ApiTags.Cluster, "Watch the cluster",
        "Server-Sent Events: first `state`, what this node knows now, then `leader`, `member`, `removed` and `alarm`, `cleared` as they "
        + "change. Who reads slowly is told of the newest state, not of each on the way; nothing piles up.")
    {
        Parameters = [Query("timeout", "End after this time, `1ms` to `1h`.", ApiParameters.Text(), "100ms")],
        Responses =
        [
            new ApiResponse(200, "The events.", new ApiContent(
                "text/event-stream", null,
                "event: leader\ndata: {\"term\":2,\"leader\":{\"name\":\"n1\",\"id\":\"0000000000000001\"}}\n\n")),
        ],
    };

    private static ErrorCode[] Voters => [ErrorCode.MemberNotFound, ErrorCode.MemberUnsafe, ErrorCode.MemberBehind];

    private static ApiResponse Goes(string description, string example) => new(
        202, description, new ApiContent("application/json", "Operation", JsonNode.Parse(example)))
    {
        Headers = [("Location", "Where to look how far it is")],
    };

    private static ApiBody Body(string description, string schema, string example) =>
        new(description, IsRequired: true, new ApiContent("application/json", schema, JsonNode.Parse(example)));
}
