using System.Text.Json.Nodes;
using RaftKv.Doors.OpenApi.Model;
using static RaftKv.Doors.OpenApi.Operations.ApiOperations;

namespace RaftKv.Doors.OpenApi.Operations;

/// <summary>What a node tells of itself and its cluster.</summary>
internal static class NodeOperations
{
    public static ApiOperation[] All { get; } = [Cluster(), Operation(), Status()];

    private static ApiOperation Cluster() => new(
        "GET", "/api/v1/cluster", "getCluster", ApiTags.Cluster, "List the members",
        "The members, who leads and who votes, as this node knows it.")
    {
        Responses =
        [
            new ApiResponse(200, "The members.", new ApiContent("application/json", "Cluster", JsonNode.Parse(
                """
                {"clusterId":"00000000000000c1","term":1,"leader":{"name":"n1","id":"0000000000000001"},"joint":false,
                 "members":[{"name":"n1","id":"0000000000000001","role":"leader","voter":true,"leader":true,"self":true,
                             "peerUrl":"http://127.0.0.1:2380","clientUrl":"http://127.0.0.1:2379","joining":false,"leaving":false,
                             "instance":"0000000000000001"}]}
                """))),
        ],
        Shared = ApiParameters.Read,
        Errors = Read,
    };

    private static ApiOperation Operation() => new(
        "GET", "/api/v1/operations/{id}", "getOperation", ApiTags.Cluster, "Ask what became of a write",
        "For a 202, and for a 504 `outcome-unknown`, which names its operation. Only the node that answered knows, and only until it "
            + "restarts or "
        + "has taken thousands of others; everything else is `unknown`, which says nothing about whether it was applied. "
        + "For the 202 of a change of members, whose id begins with `member-`, any node tells how far it is.")
    {
        Parameters = [Path("id", "The id, from the `Location` of a 202 or the `operation` of a "
            + "504.", "0000000000000001-0000000000000001-1")],
        Shared = [ApiParameters.Session],
        Responses =
        [
            new ApiResponse(200, "The state.", new ApiContent("application/json", "Operation", JsonNode.Parse(
                """{"id":"0000000000000001-0000000000000001-1","state":"unknown"}"""))),
        ],
    };

    private static ApiOperation Status() => new(
        "GET", "/api/v1/status", "getStatus", ApiTags.Maintenance, "Look at this node",
        "Role, log, store and, on the leader, its followers. This node's own view; it asks nobody unless a level is named.")
    {
        Shared = ApiParameters.Read,
        Errors = Read,
        Responses =
        [
            new ApiResponse(200, "The state.", new ApiContent("application/json", "Status", JsonNode.Parse(
                """
                {"name":"n1","id":"0000000000000001","clusterId":"00000000000000c1","version":"0.1.0","engine":"native","phase":"ready","role":"leader","term":1,
                 "leader":{"name":"n1","id":"0000000000000001"},"revision":1,"compactedRevision":0,"keyCount":0,"dataBytes":0,
                 "stateHash":"0000000000000000","viewAppliedIndex":1,"commitIndex":1,"appliedIndex":1,"firstIndex":1,"lastIndex":1,
                 "persistedIndex":1,"snapshot":{"term":0,"index":0},"pendingProposals":0,
                 "idempotency":{"clusterTimeMs":0,"windowFloorMs":600000,"windowMs":86400000,"keys":0,"keyBytes":0,"sharedKeyBytes":0,
                                "sharedKeyBytesMax":18119376,"owners":0,"ownersMax":30,"ownerKeyBytesMax":268435,"clientSessions":0,
                                "clientSessionsMax":4096,"clientSessionAnswers":0,"clientSessionBytes":0,"clientSessionBytesMax":14092848},
                 "clusterVersion":4,"supportedVersion":4,"gates":[{"number":1,"name":"compaction-by-work","since":2,"on":true,
                  "meaning":"What a compaction made obsolete goes as fast as commands add versions, not a fixed number an entry."}],
                 "process":{"workingSetBytes":83886080,"heapBytes":9437184,"gcPauseMs":3,"gcCounts":[1,1,0]},
                 "memory":{"budgetBytes":1073741824,"logBytes":4096,"proposalBytes":0,"shares":{"store":251658000}},
                 "disk":{"usedBytes":50331648,"boundBytes":1300000000,"freeBytes":68719476736,"reserveBytes":67108864,"low":false},
                 "store":{"bytes":{"used":0,"allowed":251658000},"quotaBytes":null,"members":[]},
                 "members":[],"followers":[],"allAppliedIndex":1,
                 "stalenessMs":3,"lease":{"held":true,"remainingMs":870},"alarms":[],"certificates":[]}
                """))),
        ],
    };
}
