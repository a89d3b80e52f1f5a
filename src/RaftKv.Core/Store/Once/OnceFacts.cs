using RaftKv.Core.Store.Commands;

namespace RaftKv.Core.Store.Once;

/// <summary>How full the tables of first answers are, as of one applied entry.</summary>
/// <param name="Limits">The limits in force.</param>
/// <param name="Keys">Answers under plain keys.</param>
/// <param name="KeyBytes">Bytes that they count for, in all shares.</param>
/// <param name="SharedKeyBytes">Bytes in the share of those who are neither a user nor a client session.</param>
/// <param name="Sessions">Client sessions.</param>
/// <param name="SessionAnswers">Answers that they keep.</param>
/// <param name="SessionTableBytes">Bytes that sessions and answers count for.</param>
/// <param name="Owners">Users and client sessions that have keys in a share of their own.</param>
public readonly record struct OnceFacts(
    OnceLimits Limits, long Keys, long KeyBytes, long SharedKeyBytes, long Sessions, long SessionAnswers, long SessionTableBytes,
    long Owners);
