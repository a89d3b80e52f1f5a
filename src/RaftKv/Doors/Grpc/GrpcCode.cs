namespace RaftKv.Doors.Grpc;

/// <summary>The status codes of gRPC; the numbers are on the wire.</summary>
public enum GrpcCode
{
    /// <summary>Done.</summary>
    Ok = 0,

    /// <summary>The caller took it back.</summary>
    Cancelled = 1,

    /// <summary>Nothing better fits.</summary>
    Unknown = 2,

    /// <summary>The request is wrong.</summary>
    InvalidArgument = 3,

    /// <summary>The caller's time is over.</summary>
    DeadlineExceeded = 4,

    /// <summary>There is no such thing.</summary>
    NotFound = 5,

    /// <summary>There is one already.</summary>
    AlreadyExists = 6,

    /// <summary>The caller may not.</summary>
    PermissionDenied = 7,

    /// <summary>A limit is reached.</summary>
    ResourceExhausted = 8,

    /// <summary>The state does not allow it.</summary>
    FailedPrecondition = 9,

    /// <summary>Lost against another one.</summary>
    Aborted = 10,

    /// <summary>Outside of what exists.</summary>
    OutOfRange = 11,

    /// <summary>Not served here.</summary>
    Unimplemented = 12,

    /// <summary>A defect.</summary>
    Internal = 13,

    /// <summary>Not now.</summary>
    Unavailable = 14,

    /// <summary>Data is lost.</summary>
    DataLoss = 15,

    /// <summary>Who is calling?</summary>
    Unauthenticated = 16,
}
