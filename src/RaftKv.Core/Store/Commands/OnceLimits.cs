using System.Buffers.Binary;

namespace RaftKv.Core.Store.Commands;

/// <summary>
/// Bounds of what is kept so that a repeat is known. A record of the replicated state, so that every node has the same;
/// while none is set, <see cref="Default"/> holds. Lower ones drop nothing before its time: new keys wait, and sessions
/// go as new ones come.
/// </summary>
/// <remarks>
/// At most <see cref="SharedBytes"/> + <see cref="MaxOwners"/> · <see cref="OwnerBytes"/> +
/// <see cref="SessionTableBytes"/> are held, each time beyond it by less than one record or session: 64 + 64 + 64 MiB by
/// default, and less where the smallest member's memory budget asks for it (<see cref="Within"/>).
/// </remarks>
public sealed record OnceLimits
{
    /// <summary>Bytes of the encoding.</summary>
    internal const int EncodedBytes = 10 * sizeof(long);

    /// <summary>
    /// What the tables may take is this part of what a member can hold of the store; see <see cref="MemoryBudget"/>, whose
    /// share of kept answers is so much.
    /// </summary>
    internal const int BudgetNumerator = 2, BudgetDenominator = 9;

    // However small a budget is, the tables are of use.
    private const long LeastBytes = 1 << 20;
    private const long LeastOwnerBytes = 256 << 10;
    private const long LeastSessions = 64;

    /// <summary>The limits of a cluster that nobody told others.</summary>
    public static OnceLimits Default { get; } = new();

    /// <summary>Cluster time for which an answer under a plain key never goes, in milliseconds: 10 minutes.</summary>
    public long FloorMs { get; init; } = 600_000;

    /// <summary>Cluster time after which it goes for sure: 24 hours.</summary>
    public long WindowMs { get; init; } = 86_400_000;

    /// <summary>Share of all who are neither a user nor a client session, in bytes of records (64 MiB).</summary>
    public long SharedBytes { get; init; } = 67_108_864;

    /// <summary>Share of one user or client session (2 MiB).</summary>
    public long OwnerBytes { get; init; } = 2_097_152;

    /// <summary>Users and client sessions with a share of their own; those that come later take from the common one.</summary>
    public long MaxOwners { get; init; } = 32;

    /// <summary>
    /// Bytes of all client sessions with their answers, as they count for; beyond it the session that was idle longest is
    /// dropped (64 MiB).
    /// </summary>
    public long SessionTableBytes { get; init; } = 67_108_864;

    /// <summary>Client sessions at a time.</summary>
    public long MaxSessions { get; init; } = 4_096;

    /// <summary>Largest value of <see cref="MaxAnswersPerSession"/>.</summary>
    public const long MostAnswersPerSession = 1_024;

    /// <summary>Answers that one session keeps, above what its client has acknowledged.</summary>
    public long MaxAnswersPerSession { get; init; } = 64;

    /// <summary>Bytes of them; beyond it only digests are kept (16 KiB).</summary>
    public long SessionAnswerBytes { get; init; } = 16_384;

    /// <summary>Longest answer that is kept whole; of a longer one the digest and the revision are.</summary>
    public long MaxAnswerBytes { get; init; } = KvLimits.MaxStoredAnswerBytes;

    /// <summary>A sentence that says what is wrong; null when nothing is.</summary>
    public string? WhatIsWrong() =>
        FloorMs < 1 || WindowMs < FloorMs ? "The window of kept answers is at least its floor, and that at least 1 ms."
        : SharedBytes < 1 || OwnerBytes < 1 || MaxOwners < 0 ? "Shares of kept answers are at least 1 byte."
        : MaxSessions < 1 || MaxAnswersPerSession is < 1 or > MostAnswersPerSession || SessionAnswerBytes < 0
            ? "There is room for at least one client session, and for 1 to 1,024 answers in each."
        : SessionTableBytes < 1 ? "The table of client sessions has at least 1 byte."
        : MaxAnswerBytes is < 0 or > KvLimits.MaxStoredAnswerBytes ? "An answer that is kept whole has at most 8 KiB."
        : null;

    /// <summary>These limits, lowered to what fits beside so much of the store on the smallest member.</summary>
    /// <param name="storeBytes">What that member can hold; <see cref="KvLimits.NoQuota"/> when nobody said anything.</param>
    public OnceLimits Within(long storeBytes)
    {
        if (storeBytes == KvLimits.NoQuota)
        {
            return this;
        }

        // Of 20 parts the common share has 9, the owners with a share of their own 4, and client sessions 7.
        long part = Math.Max(storeBytes / BudgetDenominator * BudgetNumerator, LeastBytes) / 20;
        long owners = Math.Min(MaxOwners, Math.Max(1, 4 * part / LeastOwnerBytes));
        return this with
        {
            SharedBytes = Math.Min(SharedBytes, 9 * part),
            MaxOwners = owners,
            OwnerBytes = Math.Min(OwnerBytes, 4 * part / Math.Max(1, owners)),
            MaxSessions = Math.Min(MaxSessions, Math.Max(LeastSessions, 7 * part / 1024)),
            SessionTableBytes = Math.Min(SessionTableBytes, 7 * part),
        };
    }

    internal static OnceLimits Read(ReadOnlySpan<byte> bytes) => new()
    {
        FloorMs = Field(bytes, 0),
        WindowMs = Field(bytes, 1),
        SharedBytes = Field(bytes, 2),
        OwnerBytes = Field(bytes, 3),
        MaxOwners = Field(bytes, 4),
        MaxSessions = Field(bytes, 5),
        MaxAnswersPerSession = Field(bytes, 6),
        SessionAnswerBytes = Field(bytes, 7),
        MaxAnswerBytes = Field(bytes, 8),
        SessionTableBytes = Field(bytes, 9),
    };

    internal byte[] ToBytes()
    {
        ReadOnlySpan<long> fields =
        [
            FloorMs, WindowMs, SharedBytes, OwnerBytes, MaxOwners, MaxSessions, MaxAnswersPerSession, SessionAnswerBytes, MaxAnswerBytes,
            SessionTableBytes,
        ];
        byte[] bytes = new byte[EncodedBytes];
        for (int i = 0; i < fields.Length; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(i * sizeof(long)), fields[i]);
        }

        return bytes;
    }

    private static long Field(ReadOnlySpan<byte> bytes, int field) =>
        BinaryPrimitives.ReadInt64LittleEndian(bytes[(field * sizeof(long))..]);
}
