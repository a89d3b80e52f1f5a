using System.Text.Json.Nodes;
using RaftKv.Service.Vocabulary;

namespace RaftKv.Doors.OpenApi.Model;

/// <summary>
/// The shapes of bodies, as JSON Schema. Written out rather than derived from types: answers are written by hand, byte
/// by byte, so no types exist that could be reflected on.
/// </summary>
internal static class ApiSchemas
{
    /// <summary>All component schemas by name, as JSON text.</summary>
    public static IReadOnlyDictionary<string, JsonObject> All { get; } = Build();

    private static Dictionary<string, JsonObject> Build()
    {
        var all = new Dictionary<string, JsonObject>();
        AddPairs(all);
        AddAnswers(all);
        AddWatches(all);
        CoordinationSchemas.AddTo(all);
        QuotaSchemas.AddTo(all);
        AddBodies(all);
        AddNodeState(all);
        all["Problem"] = Object(
            "An error (RFC 9457). `applied` says whether a write of the request took effect.",
            ("type", Text("urn:raftkv:problem: and the code")),
            ("title", Text("The kind of error, in words")),
            ("status", Number("HTTP status")),
            ("detail", Text("What happened and what to do")),
            ("code", Text("The kind of error, for programs")),
            ("applied", Choice("no: surely not, and never will be. unknown: it may have been, or may yet be", "no", "yes", "unknown")),
            ("retryable", Flag("The same request may succeed later")),
            ("node", Text("The node that answers")),
            ("leader", Nullable(Text("The leader as far as this node knows"))),
            ("traceId", Text("Ties the answer to the server's log")),
            ("actualRevision?", Number("The key's mod revision after a failed precondition; 0 when missing")),
            ("compactedRevision?", Number("The oldest revision that can still be read")),
            ("revision?", Number("For an answer that was not kept, the revision that it had")),
            ("answerDigest?", Text("For an answer that was not kept, what names it")),
            ("operation?", Text("Where the outcome of the write can be asked for")),
            ("asked?", Object(
                "For consistency-unmet: what the read asked for.",
                ("level", LevelName("The level")),
                ("maxStalenessMs", Nullable(Number("The bound in time"))),
                ("maxLag", Nullable(Number("The bound in revisions"))),
                ("revision", Nullable(Number("The revision that token or query need"))))),
            ("available?", Object(
                "For consistency-unmet: what this node has.",
                ("revision", Number("Its newest revision")),
                ("stalenessMs", Nullable(Number("Proven bound of its age; null when unknown"))),
                ("role", Text("Its role")),
                ("leader", Nullable(Text("The leader as far as it knows"))),
                ("term", Number("Its term")))));
        AddConsistency(all);
        AddIdempotency(all);
        return all;
    }

    private static void AddPairs(Dictionary<string, JsonObject> all)
    {
        (string, JsonObject)[] key =
        [
            ("key", Text("The key")),
            ("keyEncoding?", Choice("Present when the key is not UTF-8: it is base64url then", "base64url")),
        ];
        (string, JsonObject)[] value =
        [
            ("value", Text("The value, as the encoding says")),
            ("encoding", Choice("utf-8 when the bytes are valid UTF-8, else base64", "utf-8", "base64")),
        ];
        (string, JsonObject)[] revisions =
        [
            ("createRevision", Number("Revision that created the key")),
            ("modRevision", Number("Revision of the last write; the ETag")),
            ("version", Number("Writes since creation")),
            ("lease", Nullable(Text("Lease id in hex, or null"))),
        ];
        all["Pair"] = Object("A key and its value.", [.. key, .. value, .. revisions]);
        all["Written"] = Object("A key as it was written; without the value.", [.. key, .. revisions]);
        all["Item"] = Object("A key; without value and encoding when only keys were asked for.", [.. key, .. Optional(value), .. revisions]);
        all["Version"] = Object(
            "One version of a key; a deletion has no value.", [("deleted", Flag("This version is a deletion")), .. Optional(value), .. revisions]);
        all["History"] = Object(
            "Versions of a key since the last compaction, newest first.",
            [
                .. key,
                ("revision", Number("The newest revision")),
                ("compactedRevision", Number("Older versions are gone")),
                ("versions", List("Version")),
                ("hasMore", Flag("There are older ones; raise limit")),
            ]);
    }

    private static void AddWatches(Dictionary<string, JsonObject> all)
    {
        all["WatchAnswer"] = Object(
            "Changes, whole revisions in order.",
            ("revision", Number("Everything up to here is told; go on from one more")),
            ("events", List("WatchEvent")));
        all["WatchEvent"] = Object(
            "One change of one key.",
            ("type", Choice("What happened to the key", "put", "delete")),
            ("reason", Choice("Why; a key goes by deletion, or with its lease", "put", "delete", "expired", "revoked")),
            ("key", Text("The key")),
            ("keyEncoding?", Choice("Present when the key is not UTF-8: it is base64url then", "base64url")),
            ("value?", Text("The value, as the encoding says; absent after a deletion")),
            ("encoding?", Choice("utf-8 when the bytes are valid UTF-8, else base64", "utf-8", "base64")),
            ("createRevision", Number("Revision that created the key; 0 for a deletion")),
            ("modRevision", Number("Revision of this change")),
            ("version", Number("Writes since creation; 0 for a deletion")),
            ("lease", Nullable(Text("Lease id in hex, or null"))),
            ("previous?", Reference("Pair")));
    }

    private static void AddAnswers(Dictionary<string, JsonObject> all)
    {
        all["Page"] = Object(
            "Keys in byte order, from one revision.",
            ("revision", Number("Revision that all pages are read at")),
            ("items?", List("Item")),
            ("hasMore?", Flag("There is a next page")),
            ("cursor?", Nullable(Text("Send it back for the next page, with the same prefix, start, end and order"))),
            ("count?", Number("How many keys there are; only with countOnly, and then alone")));
        all["Deleted"] = Object(
            "What a deletion did.", ("deleted", Number("Keys deleted")), ("revision", Number("Revision of the store after it")));
        all["RangeAnswer"] = Object(
            "All ranges, read from one view.", ("revision", Number("Revision that they were read at")), ("results", List("Range")));
        all["Range"] = Object(
            "Keys of one range.",
            ("items", List("Item")),
            ("hasMore", Flag("The limit, or the page's size, cut the range")),
            ("count", Number("Keys in the range, without the limit")));
        all["TxnAnswer"] = Object(
            "Which list ran, and what its operations answered, in order.",
            ("succeeded", Flag("True when all compares held and `then` ran")),
            ("revision?", Number("Revision of the store after it; absent in an inner transaction")),
            ("responses", List("TxnResponse")));
        all["TxnResponse"] = Object(
            "Answer of one operation; has the member of that operation.",
            ("put?", Reference("Written")),
            ("delete?", Object("Deleted keys.", ("deleted", Number("Keys deleted")))),
            ("get?", Reference("Range")),
            ("increment?", Reference("CounterAnswer")),
            ("txn?", Reference("TxnAnswer")));
        all["CounterAnswer"] = Object(
            "A counter after the addition.", ("value", Number("Its value")), ("revision", Number("Revision of the write")));
        all["CompactAnswer"] = Object("The store after the compaction.", ("revision", Number("Its revision")));
        all["Operation"] = Object(
            "What became of an accepted write.",
            ("id", Text("Its id")),
            ("state", Choice("unknown when this node does not, or no longer, know", "pending", "applied", "not-applied", "unknown")),
            ("revision?", Number("Revision after it")),
            ("status?", Number("HTTP status that the answer would have had")),
            ("answer?", new JsonObject { ["description"] = "The body that the answer would have had; null when it was too large to keep" }),
            ("code?", Text("Why it was not applied")),
            ("detail?", Text("The same in words")));
    }

    private static void AddBodies(Dictionary<string, JsonObject> all)
    {
        (string, JsonObject) keyEncoding = ("keyEncoding?", Choice("Encoding of the keys here", "utf-8", "base64url"));
        (string, JsonObject)[] names =
        [
            ("key?", Text("One key")), ("prefix?", Text("Keys that begin so; empty is every key")),
            ("start?", Text("First key, inclusive")), ("end?", Text("End, exclusive")), keyEncoding,
        ];
        all["RangeSpec"] = Object(
            "Keys to read: one key, a prefix, or start and end.",
            [
                .. names,
                ("limit?", Number("Most keys, 1 to 10000; default 1000")),
                ("keysOnly?", Flag("Without values")),
                ("countOnly?", Flag("Only the count")),
                ("order?", Choice("By key", "asc", "desc")),
            ]);
        all["DeleteSpec"] = Object("Keys to delete: one key, a prefix, or start and end.", names);
        all["RangeBody"] = Object(
            "Ranges to read from one view.",
            ("ranges", List("RangeSpec")),
            ("revision?", Number("Read at this revision; the newest when absent")),
            ("encoding?", Choice("base64 for all values, or auto", "auto", "base64")));
        all["Compare"] = Object(
            "One condition. On a missing key numbers are 0 and `value` is false under every op.",
            ("key?", Text("The key")),
            ("prefix?", Text("Instead of key: every key that begins so must fulfil it")),
            keyEncoding,
            ("target", Choice("What is compared", "value", "version", "createRevision", "modRevision", "lease")),
            ("op", Choice("How", "=", "!=", "<", ">")),
            ("operand", new JsonObject
            {
                ["type"] = new JsonArray("string", "integer"),
                ["description"] = "A string for value and lease (hex), else a whole number",
            }),
            ("encoding?", Choice("Encoding of a value operand", "utf-8", "base64")));
        all["TxnOperation"] = Object(
            "One operation: exactly one member.",
            ("put?", Object(
                "Writes a key.",
                ("key", Text("The key")),
                keyEncoding,
                ("value", Text("The value")),
                ("encoding?", Choice("Encoding of the value", "utf-8", "base64")),
                ("lease?", Text("Lease id in hex")))),
            ("delete?", Reference("DeleteSpec")),
            ("get?", Reference("RangeSpec")),
            ("increment?", Object("Adds to a counter.", ("key", Text("The key")), keyEncoding, ("by?", Number("What to add; default 1")))),
            ("txn?", Reference("TxnBody")));
        all["TxnBody"] = Object(
            "Compares, then one of two lists, in one atomic step and one revision.",
            ("compare?", List("Compare")), ("then?", List("TxnOperation")), ("else?", List("TxnOperation")));
        all["CounterBody"] = Object("An addition.", ("by?", Number("What to add, may be negative; default 1")));
        all["CompactBody"] = Object(
            "A compaction.", ("revision", Number("Versions that no read at or after this revision can see are forgotten")),
            ("physical?", Flag("Answer when they are removed; 504 write-concern-unmet when they are not in time")));
    }

    private static void AddIdempotency(Dictionary<string, JsonObject> all) =>
        all["IdempotencyStatus"] = Object(
            "What is kept for repeats, and the time by which it grows old.",
            ("clusterTimeMs", Number("Milliseconds that the cluster has counted so far")),
            ("windowFloorMs", Number("For so long a first answer under an Idempotency-Key is kept in any case")),
            ("windowMs", Number("For so long it is kept while there is room")),
            ("keys", Number("First answers under keys")), ("keyBytes", Number("Bytes that they count for, in all shares")),
            ("sharedKeyBytes", Number("The part of it of those who are neither a user nor a client session")),
            ("sharedKeyBytesMax", Number("At which new keys of theirs wait until old answers may go")),
            ("clientSessions", Number("Client sessions")),
            ("clientSessionsMax", Number("At which a new one drops the one that was idle longest")),
            ("clientSessionAnswers", Number("First answers that they keep")), ("clientSessionAnswerBytes", Number("Bytes of them")));

    private static JsonObject Memory() => Object(
        "What the node may use of memory.", ("budgetBytes", Number("The budget: --memory-budget, or its default")),
        ("logBytes", Number("Entries of the log in memory")), ("proposalBytes", Number("Undecided writes of this node")),
        ("shares", new JsonObject
        {
            ["type"] = "object",
            ["additionalProperties"] = Number("Most bytes of a part"),
            ["description"] = "What each part may use of it; docs/operations.md says what the parts are",
        }));

    private static void AddNodeState(Dictionary<string, JsonObject> all)
    {
        JsonObject leader = Nullable(Object("The leader as far as known.", ("name", Text("Name")), ("id", Text("Id in hex"))));
        all["Status"] = Object(
            "This node, as it sees itself.",
            ("name", Text("Name")), ("id", Text("Id in hex")), ("clusterId", Text("Cluster id in hex")), ("version", Text("Version of RaftKv")),
            ("phase", Choice("Where it is in its life", "starting", "ready", "draining", "failed")),
            ("role", Choice("Its role", "leader", "follower", "candidate", "pre-candidate", "learner")),
            ("term", Number("Term")), ("leader", leader),
            ("revision", Number("Newest revision here")), ("compactedRevision", Number("Older revisions can't be read; 0 for none")),
            ("keyCount", Number("Live keys")), ("dataBytes", Number("Bytes of keys and values of all kept versions")),
            ("stateHash", Text("Hash of the replicated state; equal on all nodes at an equal viewAppliedIndex")),
            ("viewAppliedIndex", Number("Log index of the state that this answer was made from")),
            ("commitIndex", Number("Highest index known committed")), ("appliedIndex", Number("Highest index applied")),
            ("firstIndex", Number("First index in the log")), ("lastIndex", Number("Last index in the log")),
            ("persistedIndex", Number("Highest index on disk")),
            ("snapshot", Object("The newest snapshot.", ("term", Number("Its term")), ("index", Number("Its index; 0 for none")))),
            ("pendingProposals", Number("Writes of this node that are undecided")),
            ("idempotency", Reference("IdempotencyStatus")),
            ("clusterVersion", Number("Which rules are in force; 0 before the first entry")),
            ("supportedVersion", Number("The newest that this node's program supports")),
            ("gates", List("Gate")),
            ("process", Reference("Process")),
            ("memory", Memory()),
            ("store", Reference("StoreSpace")),
            ("followers", List("Follower")),
            ("allAppliedIndex", Number("Index that every voter is known to have applied")),
            ("stalenessMs", Nullable(Number("Proven bound of the age of this node's state; null when unknown"))),
            ("lease", Object("Whether the node may answer from its lease.", ("held", Flag("It may")), ("remainingMs", Number("For how long")))),
            ("alarms", List("Alarm")));
        AddNodeParts(all);
    }

    private static void AddNodeParts(Dictionary<string, JsonObject> all)
    {
        JsonObject leader = Nullable(Object("The leader as far as known.", ("name", Text("Name")), ("id", Text("Id in hex"))));
        all["Gate"] = Object(
            "A rule that came with a cluster version.",
            ("number", Number("Its number")), ("name", Text("Its name")), ("since", Number("The cluster version it came with")),
            ("on", Flag("It is in force")), ("meaning", Text("One line")));
        all["Process"] = Object(
            "The process itself.",
            ("workingSetBytes", Number("Resident memory")), ("heapBytes", Number("Managed memory in use")),
            ("gcPauseMs", Number("How long the collector has stopped the process since start, in whole milliseconds")),
            ("gcCounts", new JsonObject
            {
                ["type"] = "array",
                ["items"] = Number("Collections of a generation"),
                ["description"] = "By generation, 0 first",
            }));
        all["Follower"] = Object(
            "A follower as the leader sees it.",
            ("name", Text("Name")), ("id", Text("Id in hex")), ("state", Text("probe, replicate or snapshot")),
            ("matchIndex", Number("Known to be on its disk")), ("nextIndex", Number("Sent next")),
            ("inflight", Number("Messages under way")), ("silentTicks", Number("Ticks since its last message")),
            ("appliedIndex", Number("What it said to have applied")), ("lagEntries", Number("Entries that it lacks")),
            ("lagMs", Number("How long the oldest of those has been in the leader's log")));
        all["Cluster"] = Object(
            "The members.",
            ("clusterId", Text("Cluster id in hex")), ("term", Number("Term")), ("leader", leader),
            ("joint", Flag("A change of members is under way")), ("members", List("Member")));
        all["Member"] = Object(
            "A member.",
            ("name", Text("Name")), ("id", Text("Id in hex")),
            ("role", Choice("As far as this node knows", "leader", "follower", "candidate", "pre-candidate", "learner", "removed")),
            ("voter", Flag("Has a vote")), ("leader", Flag("Leads")), ("self", Flag("Is the node that answers")),
            ("peerUrl", Text("Where its peers reach it")), ("clientUrl", Nullable(Text("Where clients reach it, when known"))));
        all["EtcdHealth"] = Object(
            "Health as etcd tells it.", ("health", Choice("A linearizable read worked", "true", "false")), ("reason", Text("Why not")));
        all["EtcdVersion"] = Object(
            "Versions as etcd tells them.",
            ("etcdserver", Text("etcd API spoken")), ("etcdcluster", Text("The same")), ("raftkv", Text("Version of RaftKv")));
    }

    private static void AddConsistency(Dictionary<string, JsonObject> all)
    {
        all["AdviceBody"] = Object(
            "The questions of a design review; leave out what is not known.",
            ("mustNeverBeStale?", Flag("A read must see every write that was acknowledged before it began")),
            ("ownWritesVisible?", Flag("A client must see what it has written itself")),
            ("causeBeforeEffect?", Flag("An effect must never be seen without its cause, across clients")),
            ("availableInPartition?", Flag("Reads must be answered on the side without a majority")),
            ("maxStalenessMs?", Number("How old an answer may be, 0 to a day")),
            ("readShare?", new JsonObject { ["type"] = "number", ["description"] = "Reads among all requests, 0 to 1" }));
        all["Advice"] = Object(
            "A level, and why.",
            ("level", LevelName("The weakest level that fulfils every wish")),
            ("headers", new JsonObject { ["type"] = "object", ["description"] = "Headers to send with each read" }),
            ("reasons", Texts("Why this level")),
            ("tradeOffs", Texts("What it costs")),
            ("contradictions", Texts("Wishes that no system fulfils together, and which one was kept")),
            ("alternatives", new JsonObject
            {
                ["type"] = "array",
                ["items"] = Object("Another level.", ("level", LevelName("The level")), ("when", Text("When it is the better one"))),
            }));
        all["ReceiptBody"] = Object("A receipt to check.", ("receipt", Text("The text of a RaftKv-Receipt header")));
        all["ReceiptVerdict"] = Object(
            "Whether a receipt was made by this cluster.",
            ("valid", Flag("It was, and nothing in it was changed")), ("receipt?", Reference("Receipt")), ("reason?", Text("Why it is not valid")));
        all["Receipt"] = Object(
            "What one answer was made from.",
            ("cluster", Text("Cluster id in hex")), ("node", Text("The node that answered")), ("method", Text("Method of the request")),
            ("target?", Text("Path and query of the request; absent when very long")),
            ("asked", LevelName("The level asked for")), ("served", LevelName("The level served")),
            ("term", Number("The term")), ("readIndex", Number("The confirmed log index, or that of its own write")),
            ("appliedIndex", Number("Last log entry in the view")), ("revision", Number("Revision of the view")),
            ("stalenessMs", Nullable(Number("Proven bound of its age; null when unknown"))),
            ("unixMs", Number("The node's wall clock; informative only")));
    }

    private static JsonObject LevelName(string description) => Choice(description, [.. ReadLevels.All.Select(ReadLevels.NameOf)]);

    private static JsonObject Texts(string description) => new()
    {
        ["type"] = "array",
        ["items"] = Text("A sentence"),
        ["description"] = description,
    };

    // A trailing '?' in a name marks the member as optional.
    internal static JsonObject Object(string description, params (string Name, JsonObject Schema)[] members)
    {
        var properties = new JsonObject();
        var required = new JsonArray();
        foreach ((string name, JsonObject schema) in members)
        {
            bool isOptional = name.EndsWith('?');
            string plain = isOptional ? name[..^1] : name;
            properties[plain] = schema.DeepClone();
            if (!isOptional)
            {
                required.Add(plain);
            }
        }

        var result = new JsonObject { ["type"] = "object", ["description"] = description };
        if (required.Count > 0)
        {
            result["required"] = required;
        }

        result["properties"] = properties;
        return result;
    }

    private static (string, JsonObject)[] Optional((string Name, JsonObject Schema)[] members) =>
        Array.ConvertAll(members, static m => (m.Name + "?", m.Schema));

    internal static JsonObject Text(string description) => new() { ["type"] = "string", ["description"] = description };

    internal static JsonObject Flag(string description) => new() { ["type"] = "boolean", ["description"] = description };

    internal static JsonObject Number(string description) =>
        new() { ["type"] = "integer", ["format"] = "int64", ["description"] = description };

    internal static JsonObject Choice(string description, params string[] values) => new()
    {
        ["type"] = "string",
        ["enum"] = new JsonArray([.. values.Select(static v => (JsonNode)v)]),
        ["description"] = description,
    };

    internal static JsonObject Nullable(JsonObject schema)
    {
        schema["type"] = new JsonArray(schema["type"]!.DeepClone(), "null");
        return schema;
    }

    internal static JsonObject Reference(string name) => new() { ["$ref"] = "#/components/schemas/" + name };

    internal static JsonObject List(string name) => new() { ["type"] = "array", ["items"] = Reference(name) };
}
