using System.ComponentModel;

namespace RaftKv.Contract.Bodies;

[Schema("LeaseBody", "A lease to grant.")]
public sealed record LeaseBody
{
    [Description("Life without a keepalive, 100ms to 9000000000s: a whole number and ms, s, m, h or d")]
    [Present]
    public string? Ttl { get; set; }

    [Description("1 to 16 hex digits; chosen at random when absent")]
    public string? Id { get; set; }
}

[Schema("Lease", "A lease.")]
public sealed record LeaseAnswer
{
    [Description("Its id in hex")]
    public string Id { get; set; } = "";

    [Description("Life without a keepalive")]
    public long TtlMs { get; set; }

    [Description("What is left of it")]
    public long RemainingMs { get; set; }

    [Description("Revision of the store when it was granted")]
    public long? Revision { get; set; }

    public IReadOnlyList<LeaseKey>? Keys { get; set; }
}

[Schema("LeaseKey", "A key that hangs on the lease.")]
public sealed record LeaseKey : INamed
{
    [Description("The key")]
    public string Key { get; set; } = "";

    [Description("Present when it is not UTF-8")]
    [Words(Encodings.Base64Url)]
    public string? KeyEncoding { get; set; }
}

[Schema("LeaseEnded", "A lease that was revoked.")]
public sealed record LeaseEnded
{
    [Description("Its id in hex")]
    public string Id { get; set; } = "";

    [Description("Keys that went with it")]
    public long DeletedKeys { get; set; }

    [Description("Revision after it")]
    public long Revision { get; set; }
}

[Schema("LeaseList", "A page of leases.")]
public sealed record LeaseList
{
    public IReadOnlyList<LeaseEntry> Leases { get; set; } = [];

    [Description("Of the next page; absent on the last")]
    public string? NextCursor { get; set; }
}

[Schema("LeaseEntry", "A lease.")]
public sealed record LeaseEntry
{
    [Description("Its id in hex")]
    public string Id { get; set; } = "";

    [Description("Life without a keepalive")]
    public long TtlMs { get; set; }
}

[Schema("ClientSession", "An open client session.")]
public sealed record ClientSessionAnswer
{
    [Description("Its id, 16 hex digits")]
    public string Id { get; set; } = "";

    [Description("Answers kept above what is acknowledged")]
    public long MaxAnswers { get; set; }

    [Description("Bytes of them; beyond it a repeat only learns that the first one was applied")]
    public long MaxAnswerBytes { get; set; }

    [Description("Revision of the store when it was opened")]
    public long Revision { get; set; }
}

[Schema("ClientSessionEnded", "A client session that was closed.")]
public sealed record ClientSessionEnded
{
    [Description("Revision of the store")]
    public long Revision { get; set; }
}
