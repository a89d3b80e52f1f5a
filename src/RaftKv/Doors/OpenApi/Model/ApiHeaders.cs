using RaftKv.Contract;

namespace RaftKv.Doors.OpenApi.Model;

/// <summary>Headers that stand on every answer, errors included; ETag where there is a key.</summary>
internal static class ApiHeaders
{
    public static IReadOnlyList<(string Name, string Description)> All { get; } =
    [
        ("ETag", "The key's mod revision in quotes"),
        (HeaderNames.Revision, "Revision of the view that was read or written"),
        (HeaderNames.Consistency, "The level that was served"),
        (HeaderNames.StalenessMs, "Proven upper bound of the answer's age; 0 when linearizable, lease or all, absent when unknown"),
        (HeaderNames.ServedBy, "The node that answers"),
        (HeaderNames.Role, "Its role"),
        (HeaderNames.Leader, "The leader as far as known; absent when there is none"),
        (HeaderNames.Term, "The term"),
        (HeaderNames.AppliedIndex, "Last log entry in the view"),
        (HeaderNames.Session, "Token of what this answer has seen; send it back to go on from there"),
        (HeaderNames.Receipt, "Signed statement of what was served, when asked for; POST it to /api/v1/receipts/verify"),
        (HeaderNames.ServerTiming, "Milliseconds: `raft` waiting for consensus, `total` in the server"),
        ("Cache-Control", "Always no-store"),
    ];
}
