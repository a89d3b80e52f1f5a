namespace RaftKv.Service.Refusals;

/// <summary>The status codes of answers that are no errors.</summary>
public static class SuccessStatus
{
    /// <summary>Done, with a body.</summary>
    public const int Ok = 200;

    /// <summary>The write created the key.</summary>
    public const int Created = 201;

    /// <summary>Taken over, not yet committed.</summary>
    public const int Accepted = 202;

    /// <summary>Done, and the client wanted no body.</summary>
    public const int NoContent = 204;

    /// <summary>Look elsewhere this time.</summary>
    public const int Found = 302;

    /// <summary>The client already has this version.</summary>
    public const int NotModified = 304;

    /// <summary>A health check failed; plain text, not a problem.</summary>
    public const int Unhealthy = 503;
}
