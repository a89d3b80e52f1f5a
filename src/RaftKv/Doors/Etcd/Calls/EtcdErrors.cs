using RaftKv.Core;
using RaftKv.Core.Calls;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Reading;
using RaftKv.Doors.Grpc;
using RaftKv.Node;
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

    /// <summary>A refusal of the service, in its own words.</summary>
    public static GrpcException FromRefusal(ApiError error)
    {
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
        CommandStatus.FenceLost or CommandStatus.IdempotencyReused or CommandStatus.AnswerNotKept or CommandStatus.IdempotencyExpired
            or CommandStatus.SessionUnknown or CommandStatus.KeyFromFuture =>
            FromRefusal(ErrorMapper.FromStore(status)),
        CommandStatus.Malformed => RequestTooLarge(),
        _ => Check.Unreachable<GrpcException>(status),
    };
}
