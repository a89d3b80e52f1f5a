namespace RaftKv.Doors.JsonGateway.Document;

/// <summary>
/// An example for each path of the gateway, in the order of its table. Zm9v is "foo", YmFy "bar", YmF6 "baz".
/// </summary>
internal static class GatewayExamples
{
    private const string NoMember = "There is no such member here; MemberList tells their ids.";
    private const string UserFirst = "Add the user first, and the role.";
    private const string LeaseFirst = "Grant the lease first: press Execute at /v3/lease/grant.";
    private const string Endless = "The answer has no end of its own; the page shows nothing before it ends. With curl:";

    private const string OldPath = "An older path of the same method.";
    private const string User = """{"name":"alice"}""";
    private const string Role = """{"role":"readers"}""";
    private const string Election = """{"name":"ZWxlY3Rpb24="}""";
    private const string LeaseId = """{"ID":"1234"}""";
    private const string LeaseAndKeys = """{"ID":"1234","keys":true}""";

    /// <summary>Every path.</summary>
    public static IReadOnlyList<GatewayExample> All { get; } =
    [
        new("kv/range", "Read a key or a range", """{"key":"Zm9v"}"""),
        new("kv/put", "Write a key", """{"key":"Zm9v","value":"YmFy"}"""),
        new("kv/deleterange", "Delete a key or a range", """{"key":"Zm9v","prev_kv":true}"""),
        new("kv/txn", "Compare, then write or read, in one step",
            """
            {"compare":[{"key":"Zm9v","target":"VERSION","result":"GREATER","version":"0"}],
             "success":[{"request_put":{"key":"Zm9v","value":"YmF6"}}],"failure":[{"request_range":{"key":"Zm9v"}}]}
            """),
        new("kv/compaction", "Forget versions before a revision", """{"revision":"1"}""",
            Note: "Works once for a revision: from then on it is compacted."),
        Stream("watch", "Watch keys", """{"create_request":{"key":"Zm9v"}}"""),
        new("lease/grant", "Grant a lease", """{"TTL":"600","ID":"1234"}""", Note: "Leave ID out to have one chosen."),
        new("lease/revoke", "End a lease and delete its keys", LeaseId, Note: LeaseFirst),
        new("kv/lease/revoke", "End a lease and delete its keys", LeaseId, Note: $"{OldPath} {LeaseFirst}"),
        new("lease/keepalive", "Renew a lease", LeaseId, Note: "Without a TTL in the answer there is no such lease."),
        new("lease/timetolive", "Ask how long a lease lives, and for its keys", LeaseAndKeys, Note: "A TTL of -1: there is no such lease."),
        new("kv/lease/timetolive", "Ask how long a lease lives, and for its keys", LeaseAndKeys, Note: OldPath),
        new("lease/leases", "List the leases", "{}"),
        new("kv/lease/leases", "List the leases", "{}", Note: OldPath),
        new("cluster/member/add", "Add a member", """{"peerURLs":["http://127.0.0.1:2480"]}""",
            Note: "A place; start its node with raftkv serve --join."),
        new("cluster/member/remove", "Remove a member", """{"ID":"99"}""", 404, NoMember),
        new("cluster/member/update", "Change a member's addresses", """{"ID":"99","peerURLs":["http://127.0.0.1:2480"]}""", 404, NoMember),
        new("cluster/member/list", "List the members", "{}"),
        new("cluster/member/promote", "Make a learner a voter", """{"ID":"99"}""", 404, NoMember),
        new("maintenance/alarm", "List alarms", """{"action":"GET"}""", Note: "NOSPACE or CORRUPT, with the member that each is about."),
        new("maintenance/status", "Ask this node how it is", "{}"),
        new("maintenance/defragment", "Defragment", "{}", Note: "There is nothing to defragment."),
        new("maintenance/hash", "Hash of the whole state", "{}"),
        new("maintenance/hashkv", "Hash of the keys up to a revision", """{"revision":"0"}"""),
        new("maintenance/snapshot", "Stream a database file that etcd can restore", "{}",
            Note: "The blobs in order are the file and its SHA-256; `etcdctl snapshot save` writes it."),
        new("maintenance/transfer-leadership", "Hand leadership to another member", """{"targetID":"99"}""", 412,
            "Ask the leader, and name one of its voters."),
        new("maintenance/downgrade", "Downgrade", """{"action":"VALIDATE","version":"3.6"}""", 412,
            "Refused: there is nothing to downgrade to."),
        new("auth/enable", "Turn authentication on", "{}", 412, "Add the user root and grant it the role root first."),
        new("auth/disable", "Turn authentication off", "{}"),
        new("auth/status", "Ask whether authentication is on", "{}"),
        new("auth/authenticate", "Get a token", """{"name":"alice","password":"secret"}""", 412,
            "Turn authentication on first."),
        new("auth/user/add", "Add a user", """{"name":"alice","password":"secret"}"""),
        new("auth/user/get", "Show a user", User),
        new("auth/user/list", "List the users", "{}"),
        new("auth/user/delete", "Delete a user", User),
        new("auth/user/changepw", "Change a password", """{"name":"alice","password":"secret"}""", 412, UserFirst),
        new("auth/user/grant", "Give a user a role", """{"user":"alice","role":"readers"}""", 412, UserFirst),
        new("auth/user/revoke", "Take a role from a user", """{"name":"alice","role":"readers"}""", 412, UserFirst),
        new("auth/role/add", "Add a role", """{"name":"readers"}"""),
        new("auth/role/get", "Show a role", Role),
        new("auth/role/list", "List the roles", "{}"),
        new("auth/role/delete", "Delete a role", Role),
        new("auth/role/grant", "Give a role a permission",
            """{"name":"readers","perm":{"permType":"READ","key":"Zm9v"}}""", 412, UserFirst),
        new("auth/role/revoke", "Take a permission from a role", """{"role":"readers","key":"Zm9v"}""", 412, UserFirst),
        new("lock/lock", "Wait for a lock", """{"name":"bG9jaw=="}""",
            Note: "Without a lease the server makes one of 60 s; a second call waits until then, or for the unlock."),
        new("lock/unlock", "Give a lock back", """{"key":"bG9jay8x"}""", Note: "The key is the one in the answer to the lock."),
        new("election/campaign", "Wait to be the leader", """{"name":"ZWxlY3Rpb24=","value":"YmFy"}""",
            Note: "Without a lease the server makes one of 60 s; a second call waits until then."),
        new("election/proclaim", "Change the leader's value", """{"value":"YmF6"}""", 500,
            "Needs the whole `leader` of the answer to the campaign beside the value."),
        new("election/leader", "Ask who leads", Election, Note: "500 `election: no leader` while nobody leads: campaign first."),
        Stream("election/observe", "Follow who leads", Election),
        new("election/resign", "Stop leading", "{}", 500, "Needs the whole `leader` of the answer to the campaign."),
    ];

    private static GatewayExample Stream(string path, string summary, string body) =>
        new(path, summary, body, Note: $"{Endless} `curl -N http://127.0.0.1:2379/v3/{path} -d '{body}'`.");
}
