namespace RaftKv.Dashboard.Api;

/// <summary>
/// One version of a key, however the API sent it: alone, in a listing without its value, in a history, or as a change of
/// a watch. What a form does not have is null or false.
/// </summary>
public sealed record KeyVersion
{
    public string Key { get; set; } = "";

    /// <summary>base64url when the key is no text.</summary>
    public string? KeyEncoding { get; set; }

    public string? Value { get; set; }

    /// <summary>utf-8, or base64 when the value is no text.</summary>
    public string? Encoding { get; set; }

    public long CreateRevision { get; set; }

    public long ModRevision { get; set; }

    public long Version { get; set; }

    public string? Lease { get; set; }

    /// <summary>In a history: the key was deleted here.</summary>
    public bool Deleted { get; set; }

    /// <summary>In a watch: put or delete.</summary>
    public string? Type { get; set; }

    /// <summary>In a watch: why.</summary>
    public string? Reason { get; set; }

    /// <summary>In a watch: what was there before.</summary>
    public KeyVersion? Previous { get; set; }
}
