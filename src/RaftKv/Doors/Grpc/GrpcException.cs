namespace RaftKv.Doors.Grpc;

/// <summary>
/// A call that ends with a status other than ok; thrown by services, turned into the answer by the door. Whether
/// something was applied is said by whoever throws it.
/// </summary>
public sealed class GrpcException : Exception
{
    /// <summary>Makes one from a code and the text that the client sees.</summary>
    public GrpcException(GrpcCode code, string detail)
        : base(detail)
    {
        Code = code;
        Detail = detail;
    }

    /// <summary>Goes out as grpc-status.</summary>
    public GrpcCode Code { get; }

    /// <summary>After which it can succeed, for a refusal that time heals; null when that is not known.</summary>
    public long? RetryAfterSeconds { get; init; }

    /// <summary>Goes out as grpc-message.</summary>
    public string Detail { get; }
}
