using System.Text.Json.Nodes;
using RaftKv.Doors.OpenApi.Model;
using RaftKv.Service.Refusals;
using static RaftKv.Doors.OpenApi.Operations.ApiOperations;

namespace RaftKv.Doors.OpenApi.Operations;

/// <summary>Choosing a read level, and proving what was served.</summary>
internal static class ConsistencyOperations
{
    public static ApiOperation[] All { get; } = [Advice(), Verify()];

    private static ApiOperation Advice() => new(
        "POST", "/api/v1/consistency/advice", "adviseConsistency", ApiTags.Consistency, "Ask which level to read at",
        "Takes the questions of a design review, all optional, and gives the weakest level that fulfils every wish, with reasons. "
        + "Wishes that exclude each other are no error: the answer says why, and which one was kept.")
    {
        Body = new ApiBody(
            "The wishes.",
            IsRequired: false,
            new ApiContent("application/json", "AdviceBody", JsonNode.Parse("""{"ownWritesVisible":true,"availableInPartition":true,"readShare":0.9}"""))),
        Responses =
        [
            new ApiResponse(200, "The advice.", new ApiContent("application/json", "Advice", JsonNode.Parse(
                """
                {"level":"session","headers":{"RaftKv-Consistency":"session","RaftKv-Session":"the RaftKv-Session of the last answer"},
                 "reasons":["A client must see its own writes, on whatever node it reads: session."],
                 "tradeOffs":["Clients must send the token back; RaftKv.Client does so by itself."],"contradictions":[],
                 "alternatives":[{"level":"read-your-writes","when":"when going back in what others wrote is fine."}]}
                """))),
        ],
        Errors = [ErrorCode.TooLarge, ErrorCode.UnsupportedMediaType, ErrorCode.RequestTimeout],
    };

    private static ApiOperation Verify() => new(
        "POST", "/api/v1/receipts/verify", "verifyReceipt", ApiTags.Consistency, "Check a receipt",
        "Says whether a `RaftKv-Receipt` was made by this cluster and is unchanged. Any node can tell, at any time.")
    {
        Body = new ApiBody(
            "The receipt.",
            IsRequired: true,
            new ApiContent("application/json", "ReceiptBody", JsonNode.Parse("""{"receipt":"eyJjbHVzdGVyIjoiMDAifQ.AAAAAAAAAAAAAAAAAAAAAA"}"""))),
        Responses =
        [
            new ApiResponse(200, "The verdict.", new ApiContent("application/json", "ReceiptVerdict", JsonNode.Parse(
                """
                {"valid":true,"receipt":{"cluster":"00000000000000c1","node":"n1","method":"GET","target":"/api/v1/kv/app/config",
                 "asked":"linearizable","served":"linearizable","term":1,"readIndex":3,"appliedIndex":3,"revision":2,"stalenessMs":0,
                 "unixMs":1763719200000}}
                """))),
        ],
        Errors = [ErrorCode.NotReady, ErrorCode.TooLarge, ErrorCode.UnsupportedMediaType, ErrorCode.RequestTimeout],
    };
}
