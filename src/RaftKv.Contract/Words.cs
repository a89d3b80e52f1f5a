namespace RaftKv.Contract;

/// <summary>What a node is to do when it can't meet a read's level at once.</summary>
public static class UnmetPolicies
{
    public const string Wait = "wait";
    public const string Fail = "fail";
    public const string Forward = "forward";
}

/// <summary>When a write is answered.</summary>
public static class WriteConcerns
{
    public const string Majority = "majority";
    public const string All = "all";
    public const string Accepted = "accepted";

    /// <summary>Cassandra's names, and the concern that each stands for: never a weaker one.</summary>
    public static IReadOnlyList<(string Alias, string Concern)> Aliases { get; } =
        [("ONE", Majority), ("QUORUM", Majority), ("ALL", All), ("ANY", Accepted)];
}

/// <summary>Whether a write of a request took effect, as a problem says it.</summary>
public static class AppliedWords
{
    /// <summary>Surely not, and it never will.</summary>
    public const string No = "no";

    public const string Yes = "yes";

    /// <summary>It may have, or may yet.</summary>
    public const string Unknown = "unknown";
}

/// <summary>What is known of an accepted write.</summary>
public static class OperationStates
{
    public const string Pending = "pending";
    public const string Applied = "applied";
    public const string NotApplied = "not-applied";
    public const string Unknown = "unknown";
}

/// <summary>How bytes stand in JSON.</summary>
public static class Encodings
{
    public const string Utf8 = "utf-8";
    public const string Base64 = "base64";

    /// <summary>Of keys, which may stand in an address.</summary>
    public const string Base64Url = "base64url";

    /// <summary>Utf8 where the bytes are, else Base64.</summary>
    public const string Auto = "auto";
}

/// <summary>Which way keys are listed.</summary>
public static class KeyOrders
{
    public const string Ascending = "asc";
    public const string Descending = "desc";
}

/// <summary>What a compare looks at.</summary>
public static class CompareTargets
{
    public const string Value = "value";
    public const string Version = "version";
    public const string CreateRevision = "createRevision";
    public const string ModRevision = "modRevision";
    public const string Lease = "lease";
}

/// <summary>How a compare looks at it.</summary>
public static class CompareOps
{
    public const string Equal = "=";
    public const string NotEqual = "!=";
    public const string Less = "<";
    public const string Greater = ">";
}

/// <summary>What is waited for in a queue.</summary>
public static class LockKinds
{
    public const string Lock = "lock";
    public const string Semaphore = "semaphore";
    public const string Election = "election";
}

/// <summary>How it is held.</summary>
public static class LockModes
{
    public const string Exclusive = "exclusive";
    public const string Shared = "shared";
    public const string Counted = "counted";
}

/// <summary>What happened to a key.</summary>
public static class ChangeWords
{
    public const string Put = "put";
    public const string Delete = "delete";

    /// <summary>It went with its lease, whose time was over.</summary>
    public const string Expired = "expired";

    /// <summary>It went with its lease, which was revoked.</summary>
    public const string Revoked = "revoked";
}

/// <summary>The kinds of messages of a watch, and of an observer of an election.</summary>
public static class StreamMessages
{
    public const string Change = "change";
    public const string Bookmark = "bookmark";
    public const string Snapshot = "snapshot";
    public const string Cancel = "cancel";
    public const string Leader = "leader";
    public const string Vacant = "vacant";
}

/// <summary>Where a node is in its life.</summary>
public static class NodePhases
{
    public const string Starting = "starting";
    public const string Ready = "ready";
    public const string Draining = "draining";
    public const string Failed = "failed";
}

/// <summary>The part that a node plays.</summary>
public static class NodeRoles
{
    public const string Leader = "leader";
    public const string Follower = "follower";
    public const string Candidate = "candidate";
    public const string PreCandidate = "pre-candidate";
    public const string Learner = "learner";
    public const string Removed = "removed";

    /// <summary>A place whose directory has not come.</summary>
    public const string Pending = "pending";
}

/// <summary>How far a change of a member is.</summary>
public static class MemberPhases
{
    /// <summary>Its directory has not come: start its node with --join.</summary>
    public const string Waiting = "waiting";
    public const string CatchingUp = "catching-up";

    /// <summary>Its vote is being given or taken.</summary>
    public const string Changing = "changing";

    /// <summary>It closes its doors.</summary>
    public const string Leaving = "leaving";
    public const string Done = "done";

    /// <summary>It is not so, and nobody is at it.</summary>
    public const string NotSo = "not-so";
}

/// <summary>Kinds of alarms; the first two are etcd's.</summary>
public static class AlarmKinds
{
    public const string NoSpace = "NOSPACE";
    public const string Corrupt = "CORRUPT";
    public const string StateDiffers = "state-differs";
    public const string Healed = "healed";
}

/// <summary>Who raised an alarm.</summary>
public static class AlarmCauses
{
    public const string Quota = "quota";
    public const string Disk = "disk";
    public const string Hand = "hand";
}
