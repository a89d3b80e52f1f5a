using RaftKv.Core;
using RaftKv.Core.Calls;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Doors.Grpc;
using RaftKv.Engine;
using RaftKv.Service.Refusals;

namespace RaftKv.Doors.Etcd.Calls;

/// <summary>
/// Every error of the etcd API, with etcd's own code and text: clients match on both. Unless the summary says
/// otherwise, nothing was applied.
/// </summary>
internal static class EtcdErrors
{
    public static GrpcException EmptyKey() => new(GrpcCode.InvalidArgument, "etcdserver: key is not provided");

    public static GrpcException KeyNotFound() => new(GrpcCode.InvalidArgument, "etcdserver: key not found");

    public static GrpcException ValueProvided() => new(GrpcCode.InvalidArgument, "etcdserver: value is provided");

    public static GrpcException LeaseProvided() => new(GrpcCode.InvalidArgument, "etcdserver: lease is provided");

    public static GrpcException TooManyOps() => new(GrpcCode.InvalidArgument, "etcdserver: too many operations in txn request");

    public static GrpcException DuplicateKey() => new(GrpcCode.InvalidArgument, "etcdserver: duplicate key given in txn request");

    public static GrpcException InvalidSortOption() => new(GrpcCode.InvalidArgument, "etcdserver: invalid sort option");

    public static GrpcException Compacted() => new(GrpcCode.OutOfRange, "etcdserver: mvcc: required revision has been compacted");

    public static GrpcException FutureRevision() => new(GrpcCode.OutOfRange, "etcdserver: mvcc: required revision is a future revision");

    /// <summary>Says why a revision can't be read, when it can't.</summary>
    public static void ThrowUnlessOk(ReadStatus status)
    {
        switch (status)
        {
            case ReadStatus.Compacted:
                throw Compacted();
            case ReadStatus.FutureRevision:
                throw FutureRevision();
        }
    }

    /// <summary>The client asks Range instead, as it does of an etcd before 3.7.</summary>
    public static GrpcException StreamIsUnsorted() => new(
        GrpcCode.Unimplemented, "raftkv: RangeStream gives keys in their own order only; Range sorts");

    public static GrpcException RequestTooLarge() => new(GrpcCode.InvalidArgument, "etcdserver: request is too large");

    public static GrpcException TooManyRequests() => new(GrpcCode.ResourceExhausted, "etcdserver: too many requests");

    public static GrpcException NoSpace() => new(GrpcCode.ResourceExhausted, "etcdserver: mvcc: database space exceeded");

    public static GrpcException UnknownAlarm() => new(GrpcCode.InvalidArgument, "raftkv: an alarm is NOSPACE or CORRUPT");

    public static GrpcException Corrupt() => new(GrpcCode.DataLoss, "etcdserver: corrupt cluster");

    public static GrpcException LeaseNotFound() => new(GrpcCode.NotFound, "etcdserver: requested lease not found");

    public static GrpcException LeaseExists() => new(GrpcCode.FailedPrecondition, "etcdserver: lease already exists");

    public static GrpcException LeaseTtlTooLarge() => new(GrpcCode.OutOfRange, "etcdserver: too large lease TTL");

    public static GrpcException NoLeader() => new(GrpcCode.Unavailable, "etcdserver: no leader");

    public static GrpcException NotLeader() => new(GrpcCode.FailedPrecondition, "etcdserver: not leader");

    public static GrpcException BadTransferee() => new(GrpcCode.FailedPrecondition, "etcdserver: bad leader transferee");

    public static GrpcException Stopped() => new(GrpcCode.Unavailable, "etcdserver: server stopped");

    /// <summary>What was proposed may have been applied.</summary>
    public static GrpcException TimedOut() => new(GrpcCode.Unavailable, "etcdserver: request timed out");

    public static GrpcException TransferTimedOut() =>
        new(GrpcCode.Unavailable, "etcdserver: request timed out, possibly due to previous leader failure");

    public static GrpcException MemberNotFound() => new(GrpcCode.NotFound, "etcdserver: member not found");

    public static GrpcException MemberBadUrls() => new(GrpcCode.InvalidArgument, "etcdserver: given member URLs are invalid");

    public static GrpcException MemberNotLearner() => new(GrpcCode.FailedPrecondition, "etcdserver: can only promote a learner member");

    /// <summary>Why members are not changed.</summary>
    /// <param name="error">The service's own words, where etcd has none.</param>
    public static GrpcException FromMembers(MemberProblem problem, ApiError error) => problem switch
    {
        MemberProblem.NotFound => MemberNotFound(),
        MemberProblem.Exists => new(GrpcCode.FailedPrecondition, "etcdserver: Peer URLs already exists"),
        MemberProblem.NotALearner => MemberNotLearner(),
        MemberProblem.NoVoterLeft => new(
            GrpcCode.FailedPrecondition, "etcdserver: re-configuration failed due to not enough started members"),
        MemberProblem.TooMany => new(GrpcCode.FailedPrecondition, "etcdserver: too many learner members in cluster"),
        MemberProblem.Unhealthy => new(GrpcCode.Unavailable, "etcdserver: unhealthy cluster"),
        MemberProblem.Behind or MemberProblem.NotStarted or MemberProblem.TooSmall => new(
            GrpcCode.FailedPrecondition, "etcdserver: can only promote a learner member which is in sync with leader"),
        _ => error.Code switch
        {
            ErrorCode.OutcomeUnknown => TimedOut(),
            ErrorCode.NoLeader => NoLeader(),
            ErrorCode.ShuttingDown => Stopped(),
            _ => FromRefusal(error),
        },
    };

    public static GrpcException WrongDowngradeFormat() =>
        new(GrpcCode.InvalidArgument, "etcdserver: wrong downgrade target version format");

    public static GrpcException InvalidDowngradeTarget() =>
        new(GrpcCode.InvalidArgument, "etcdserver: invalid downgrade target version");

    public static GrpcException NoInflightDowngrade() => new(GrpcCode.FailedPrecondition, "etcdserver: no inflight downgrade job");

    public static GrpcException UnknownMethod() => new(GrpcCode.Unknown, "etcdserver: unknown method");

    public static GrpcException RootUserMissing() => new(GrpcCode.FailedPrecondition, "etcdserver: root user does not exist");

    public static GrpcException AuthNotEnabled() => new(GrpcCode.FailedPrecondition, "etcdserver: authentication is not enabled");

    public static GrpcException UserEmpty() => new(GrpcCode.InvalidArgument, "etcdserver: user name is empty");

    public static GrpcException UserNotFound() => new(GrpcCode.FailedPrecondition, "etcdserver: user name not found");

    public static GrpcException RoleEmpty() => new(GrpcCode.InvalidArgument, "etcdserver: role name is empty");

    public static GrpcException RoleNotFound() => new(GrpcCode.FailedPrecondition, "etcdserver: role name not found");

    public static GrpcException ElectionNoLeader() => new(GrpcCode.Unknown, "election: no leader");

    public static GrpcException SessionExpired() => new(GrpcCode.Unknown, "session expired");

    public static GrpcException NotElectionLeader() => new(GrpcCode.Unknown, "election: not leader");

    public static GrpcException LeaderMissing() => new(GrpcCode.Unknown, "\"leader\" field must be provided");

    /// <summary>etcd takes any number for a lease's id; here ids are positive.</summary>
    public static GrpcException NegativeLeaseId() => new(GrpcCode.InvalidArgument, "raftkv: a lease id is 0 or a positive number");

    /// <summary>Keys that only RaftKv's own locks, semaphores and elections write.</summary>
    public static GrpcException ReservedKey() => new(
        GrpcCode.InvalidArgument, "raftkv: keys that begin with _raftkv/ are written by locks, semaphores and elections only");

    /// <summary>
    /// As etcd's lock and election services give the errors of other services: with their text, without their code.
    /// </summary>
    public static GrpcException AsUnknown(GrpcException error) => new(GrpcCode.Unknown, error.Detail);

    /// <summary>The compaction is applied, its removal not at its end.</summary>
    public static GrpcException RemovalUnfinished() => new(
        GrpcCode.DeadlineExceeded, "raftkv: the compaction was applied, but what it made obsolete was not all removed in time");

    /// <summary>The write is applied, but not known to be so on every voter.</summary>
    public static GrpcException ConcernUnmet() => new(
        GrpcCode.DeadlineExceeded, "raftkv: write-concern-unmet: the write was applied, but not seen on every voter in time");

    public static GrpcException RootRoleMissing() => new(GrpcCode.FailedPrecondition, "etcdserver: root user does not have root role");

    public static GrpcException UserExists() => new(GrpcCode.FailedPrecondition, "etcdserver: user name already exists");

    public static GrpcException RoleExists() => new(GrpcCode.FailedPrecondition, "etcdserver: role name already exists");

    public static GrpcException RoleNotGranted() => new(GrpcCode.FailedPrecondition, "etcdserver: role is not granted to the user");

    public static GrpcException PermissionNotGranted() =>
        new(GrpcCode.FailedPrecondition, "etcdserver: permission is not granted to the role");

    public static GrpcException PermissionNotGiven() => new(GrpcCode.InvalidArgument, "etcdserver: permission not given");

    public static GrpcException PermissionDenied() => new(GrpcCode.PermissionDenied, "etcdserver: permission denied");

    /// <summary>Why a watch was cancelled, in the text that etcd gives an error there.</summary>
    public const string WatchDenied = "rpc error: code = PermissionDenied desc = etcdserver: permission denied";

    /// <summary>Why a watch was cancelled whose caller has no share left, likewise.</summary>
    public const string WatchBeyondShare = "rpc error: code = ResourceExhausted desc = etcdserver: too many requests";

    public static GrpcException InvalidAuthToken() => new(GrpcCode.Unauthenticated, "etcdserver: invalid auth token");

    public static GrpcException InvalidAuthManagement() => new(GrpcCode.InvalidArgument, "etcdserver: invalid auth management");

    public static GrpcException AuthFailed() =>
        new(GrpcCode.InvalidArgument, "etcdserver: authentication failed, invalid user ID or password");

    /// <summary>The error of a call that is refused for who makes it, or for what he may do, in etcd's words.</summary>
    public static GrpcException FromAccess(ApiError error) => error switch
    {
        { IsBadPassword: true } => AuthFailed(),
        { IsBadToken: true } => InvalidAuthToken(),
        { Code: ErrorCode.Unauthenticated } => UserEmpty(),
        { Code: ErrorCode.AccessDenied } => PermissionDenied(),
        _ => FromRefusal(error),
    };

    /// <summary>Throws when an error is about who calls, or about what he may do.</summary>
    public static void ThrowForAccess(ApiError? error)
    {
        if (error is { Code: ErrorCode.Unauthenticated or ErrorCode.AccessDenied })
        {
            throw FromAccess(error);
        }
    }

    /// <summary>A refusal of the service, in its own words; of too many calls in etcd's.</summary>
    public static GrpcException FromRefusal(ApiError error)
    {
        if (error.Code == ErrorCode.Overloaded)
        {
            return new GrpcException(GrpcCode.ResourceExhausted, TooManyRequests().Detail) { RetryAfterSeconds = error.RetryAfterSeconds };
        }

        GrpcCode code = error.Code switch
        {
            ErrorCode.ConsistencyUnmet or ErrorCode.NoLeader or ErrorCode.NotReady or ErrorCode.ShuttingDown => GrpcCode.Unavailable,
            ErrorCode.IdempotencyInFlight => GrpcCode.Aborted,
            ErrorCode.QuotaExceeded => GrpcCode.ResourceExhausted,
            ErrorCode.DataCorrupt => GrpcCode.DataLoss,
            ErrorCode.TooLarge or ErrorCode.InvalidRequest or ErrorCode.SessionMismatch => GrpcCode.InvalidArgument,
            _ => GrpcCode.FailedPrecondition,
        };
        return new GrpcException(code, $"raftkv: {ErrorMapper.Describe(error.Code).Code}: {error.Detail}");
    }

    /// <summary>A method of etcd's that this version does not have; the sentence says what to do instead.</summary>
    public static GrpcException NotYet(string sentence) => new(GrpcCode.FailedPrecondition, "raftkv: " + sentence);

    /// <summary>The error of a proposal that was not applied here.</summary>
    public static GrpcException FromOutcome(ProposalOutcome outcome) => outcome switch
    {
        ProposalOutcome.NoLeader => NoLeader(),
        ProposalOutcome.Overloaded => TooManyRequests(),
        ProposalOutcome.ShuttingDown => Stopped(),
        ProposalOutcome.Unknown => TimedOut(),
        _ => Check.Unreachable<GrpcException>(outcome),
    };

    /// <summary>The error of a read whose leadership could not be confirmed.</summary>
    public static GrpcException FromRefusedBarrier(bool isShuttingDown) => isShuttingDown ? Stopped() : NoLeader();

    /// <summary>What the store has done; throws when it has refused.</summary>
    public static CommandResult Demand(CommandResult result) =>
        result.Status == CommandStatus.Ok ? result : throw FromStore(result.Status);

    /// <summary>The error of a command that the store refused.</summary>
    public static GrpcException FromStore(CommandStatus status) => status switch
    {
        CommandStatus.Compacted => Compacted(),
        CommandStatus.FutureRevision => FutureRevision(),
        CommandStatus.DuplicateKey => DuplicateKey(),
        CommandStatus.LeaseNotFound => LeaseNotFound(),
        CommandStatus.KeyNotFound => KeyNotFound(),
        CommandStatus.LeaseExists => LeaseExists(),
        CommandStatus.Overloaded => TooManyRequests(),
        CommandStatus.QuotaExceeded => NoSpace(),
        CommandStatus.Corrupt => Corrupt(),
        CommandStatus.FenceRequired => new GrpcException(
            GrpcCode.FailedPrecondition, "raftkv: the prefix is guarded; only a holder of its lock may write there, with a fence"),
        CommandStatus.SessionFull => TooManyRequests(),
        CommandStatus.AccessDenied => PermissionDenied(),
        CommandStatus.UserNotFound => UserNotFound(),
        CommandStatus.UserExists => UserExists(),
        CommandStatus.RoleNotFound => RoleNotFound(),
        CommandStatus.RoleExists => RoleExists(),
        CommandStatus.RoleNotGranted => RoleNotGranted(),
        CommandStatus.PermissionNotGranted => PermissionNotGranted(),
        CommandStatus.RootUserMissing => RootUserMissing(),
        CommandStatus.RootRoleMissing => RootRoleMissing(),
        CommandStatus.RootNeeded => InvalidAuthManagement(),
        CommandStatus.FenceLost or CommandStatus.IdempotencyReused or CommandStatus.AnswerNotKept or CommandStatus.IdempotencyExpired
            or CommandStatus.SessionUnknown or CommandStatus.KeyFromFuture =>
            FromRefusal(ErrorMapper.FromStore(status)),
        CommandStatus.Malformed => RequestTooLarge(),
        _ => Check.Unreachable<GrpcException>(status),
    };
}
