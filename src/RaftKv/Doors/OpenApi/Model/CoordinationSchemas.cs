using System.Text.Json.Nodes;
using static RaftKv.Doors.OpenApi.Model.ApiSchemas;

namespace RaftKv.Doors.OpenApi.Model;

/// <summary>The shapes of leases, locks, semaphores, elections, fences and guards.</summary>
internal static class CoordinationSchemas
{
    /// <summary>Adds them.</summary>
    public static void AddTo(Dictionary<string, JsonObject> all)
    {
        AddLeases(all);
        AddQueues(all);
        AddElections(all);
        all["ClientSession"] = Object(
            "An open client session.",
            ("id", Text("Its id, 16 hex digits")), ("maxAnswers", Number("Answers kept above what is acknowledged")),
            ("maxAnswerBytes", Number("Bytes of them; beyond it a repeat only learns that the first one was applied")),
            ("revision", Number("Revision of the store when it was opened")));
        all["ClientSessionEnded"] = Object("A client session that was closed.", ("revision", Number("Revision of the store")));
        all["FenceBody"] = Object(
            "A token to verify.",
            ("lock", Text("Name of the lock, semaphore or election")), ("token", Number("The token")), ("kind?", Kind()));
        all["FenceAnswer"] = Object(
            "Whether the token holds.",
            ("valid", Flag("It does")), ("holderTokens", Numbers("Tokens of all who hold")), ("revision", Number("As of this revision")));
        all["GuardBody"] = Object(
            "Whose fence a guard asks for.", ("lock?", Text("Name of the lock, semaphore or election; any when absent")), ("kind?", Kind()));
        all["GuardList"] = Object("The guards.", ("guards", List("Guard")), ("revision", Number("As of this revision")));
        all["Guard"] = Object(
            "A guarded prefix.",
            ("prefix", Text("The prefix")),
            ("prefixEncoding?", Choice("Present when it is not UTF-8", "base64url")),
            ("lock", Nullable(Text("The lock whose fence is asked for; null for any"))),
            ("kind?", Kind()));
    }

    private static void AddLeases(Dictionary<string, JsonObject> all)
    {
        all["LeaseBody"] = Object(
            "A lease to grant.",
            ("ttl", Text("Life without a keepalive, 100ms to 9000000000s: a whole number and ms, s, m, h or d")),
            ("id?", Text("1 to 16 hex digits; chosen at random when absent")));
        all["Lease"] = Object(
            "A lease.",
            ("id", Text("Its id in hex")), ("ttlMs", Number("Life without a keepalive")), ("remainingMs", Number("What is left of it")),
            ("revision?", Number("Revision of the store when it was granted")), ("keys?", List("LeaseKey")));
        all["LeaseKey"] = Object(
            "A key that hangs on the lease.", ("key", Text("The key")), ("keyEncoding?", Choice("Present when it is not UTF-8", "base64url")));
        all["LeaseEnded"] = Object(
            "A lease that was revoked.",
            ("id", Text("Its id in hex")), ("deletedKeys", Number("Keys that went with it")), ("revision", Number("Revision after it")));
        all["LeaseList"] = Object("A page of leases.", ("leases", List("LeaseEntry")), ("nextCursor?", Text("Of the next page; absent on the last")));
        all["LeaseEntry"] = Object("A lease.", ("id", Text("Its id in hex")), ("ttlMs", Number("Life without a keepalive")));
    }

    private static void AddQueues(Dictionary<string, JsonObject> all)
    {
        all["AcquireBody"] = Object(
            "What is asked for. `owner` for locks and semaphores, `mode` for locks, `limit` for semaphores, `value` for elections.",
            ("ttl?", Text("Life of the lease that is made; default 15s")), ("lease?", Text("Your own lease instead")),
            ("wait?", Text("How long to wait, 0s (try once) to 60s; default 30s")), ("owner?", Text("Who asks, for people")),
            ("mode?", Choice("Default exclusive", "exclusive", "shared")), ("limit?", Number("How many may hold")),
            ("value?", Text("What observers see")), ("encoding?", Choice("Encoding of the value", "utf-8", "base64")));
        all["Grant"] = Object(
            "What is held.",
            ("name", Text("The name")), ("kind", Kind()), ("mode", Mode()), ("fencingToken", Number("Grows from holder to holder, for ever")),
            ("owner", Text("Who asked")), ("lease", Text("The lease that it hangs on")), ("ttlMs", Number("The lease's life")),
            ("key", Text("The key behind it, which can be watched: mode and lease follow the name, after zero bytes")), ("revision", Number("Held at this revision")));
        all["Holder"] = Object(
            "Who holds or waits.",
            ("fencingToken", Number("Its token")), ("owner", Text("Who asked")), ("lease", Text("Its lease")), ("mode", Mode()),
            ("remainingMs?", Number("What is left of the lease, for holders, when the leader said so")),
            ("position?", Number("Place in the queue, holders included, from 0; for those who wait")));
        all["Queue"] = Object(
            "Holders, and those who wait, in order.",
            ("name", Text("The name")), ("limit?", Nullable(Number("Of a semaphore that somebody holds"))),
            ("holders", List("Holder")), ("queue", List("Holder")), ("revision", Number("As of this revision")));
        all["QueueList"] = Object(
            "A page of what is held.",
            ("locks?", List("QueueEntry")), ("semaphores?", List("QueueEntry")), ("nextCursor?", Text("Of the next page; absent on the last")));
        all["QueueEntry"] = Object(
            "A lock or semaphore.", ("name", Text("Its name")), ("holders", List("Holder")), ("queueLength", Number("How many wait")));
        all["Released"] = Object("It is free.", ("released", Flag("Always true")), ("revision", Number("Revision of the release")));
        all["KeptAlive"] = Object(
            "The renewed lease.",
            ("name", Text("The name")), ("fencingToken?", Number("Of a lock or semaphore")), ("token?", Number("Of an election")),
            ("lease", Text("The lease")), ("ttlMs", Number("Its life")), ("remainingMs", Number("What is left of it")));
    }

    private static void AddElections(Dictionary<string, JsonObject> all)
    {
        (string, JsonObject)[] value =
        [
            ("value", Text("What the leader says")), ("encoding", Choice("Of the value", "utf-8", "base64")), ("lease", Text("Its lease")),
        ];
        all["Leadership"] = Object(
            "A leadership that was won.",
            [
                ("name", Text("The election")), ("token", Number("Fencing token of the leadership")), .. value, ("ttlMs", Number("The lease's life")),
                ("key", Text("The key behind it")), ("revision", Number("Leads at this revision")),
            ]);
        all["Leader"] = Object(
            "Who leads.", [("token", Number("Fencing token of the leadership")), .. value, ("revision", Number("Revision of the value"))]);
        all["Election"] = Object(
            "An election.",
            ("name", Text("Its name")),
            ("leader", new JsonObject { ["oneOf"] = new JsonArray(Reference("Leader"), new JsonObject { ["type"] = "null" }) }),
            ("candidateCount", Number("How many stand for it, the leader included")), ("revision", Number("As of this revision")));
    }

    private static JsonObject Kind() => Choice("What it is", "lock", "semaphore", "election");

    private static JsonObject Mode() => Choice("How it is held", "exclusive", "shared", "counted");

    private static JsonObject Numbers(string description) => new()
    {
        ["type"] = "array",
        ["items"] = Number("A token"),
        ["description"] = description,
    };
}
