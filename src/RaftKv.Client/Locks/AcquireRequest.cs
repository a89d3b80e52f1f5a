using System.Globalization;
using System.Text;
using System.Text.Json;
using RaftKv.Client.Calls;
using RaftKv.Client.Errors;
using RaftKv.Client.Http;
using RaftKv.Client.Kv;
using RaftKv.Contract;
using RaftKv.Contract.Bodies;

namespace RaftKv.Client.Locks;

/// <summary>Takes a lock, a semaphore's place or a leadership: all three are a place in a queue that hangs on a lease.</summary>
/// <param name="Root">The collection: <c>locks</c>, <c>semaphores</c> or <c>elections</c>.</param>
/// <param name="Verb">What follows the name in the path; empty for nothing.</param>
internal sealed record AcquireRequest(string Root, string Name, string Verb)
{
    internal const string Locks = "locks";
    internal const string Semaphores = "semaphores";
    internal const string Elections = "elections";

    /// <summary>
    /// One request waits at one node for so long; then the wait goes on with another one, at the queue's end. Longer is
    /// fairer, shorter leaves a node sooner that has fallen silent.
    /// </summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    private static readonly IReadOnlyList<string> Answers = [ErrorCodes.LockHeld, ErrorCodes.LeaseNotFound];

    /// <summary>Machine and process.</summary>
    internal static string DefaultOwner { get; } =
        string.Create(CultureInfo.InvariantCulture, $"{Environment.MachineName}/{Environment.ProcessId}");

    internal required AcquireBody Body { get; init; }

    /// <summary>The path of a name: one segment, its slashes escaped, so that no name is taken for a verb.</summary>
    internal static string Target(string root, string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (name is "." or "..")
        {
            // A URI with it is folded before it leaves, escaped or not, and another call arrives.
            throw new ArgumentException($"\"{name}\" is no name: it can't stand in a path.", nameof(name));
        }

        return $"/api/v1/{root}/{KeyEncoding.Escape(Encoding.UTF8.GetBytes(name), keepsSlash: false)}";
    }

    /// <summary>Takes it with a lease of its own, which is revoked when it is not got.</summary>
    /// <remarks>
    /// A lease serves one request. The schedule that this prevents: 1. a request waits at n1, and its connection is lost;
    /// 2. it is repeated at n2 under the same lease, finds its place in the queue, and is given the lock; 3. n1 sees that
    /// its client is gone, and deletes the place, which by now is a holder's; 4. another one is given the lock, and nobody
    /// tells the first. Under a lease of its own the second request has a place of its own, which n1 doesn't touch.
    /// Test: A_request_that_is_repeated_never_shares_its_place_with_the_one_before.
    /// </remarks>
    /// <param name="wait">Null waits until cancelled.</param>
    internal async Task<Acquisition> AcquireAsync(
        CallCore core, LeaseClient leases, TimeSpan ttl, TimeSpan? wait, CancellationToken cancellationToken)
    {
        LeaseClient.RequirePositive(ttl);
        string target = Target(Root, Name) + Verb;
        TimeProvider time = core.Options.TimeProvider;
        long startTimestamp = time.GetTimestamp();
        int failures = 0;
        while (true)
        {
            TimeSpan left = wait is { } limit ? limit - time.GetElapsedTime(startTimestamp) : LongestWait;
            TimeSpan slice = left <= TimeSpan.Zero ? TimeSpan.Zero : left < LongestWait ? left : LongestWait;
            LeaseKeeper? keeper = await leases.KeepAsync(ttl, cancellationToken).ConfigureAwait(false);
            try
            {
                Acquisition? got = await AskAsync(core, target, keeper, slice, cancellationToken).ConfigureAwait(false);
                failures = 0;
                if (got is { Keeper: not null } && keeper.IsAlive)
                {
                    keeper = null;
                    return got;
                }

                if (got is { Keeper: null } && wait is not null && slice >= left)
                {
                    return got;
                }

                // The time at one node is up, or the lease ended during the wait or just as it was won: once more.
            }
            catch (RaftKvException e) when (IsWorthWaiting(e, wait) && (wait is not { } most || time.GetElapsedTime(startTimestamp) < most))
            {
                // An election, or a node that dies, ends no wait; a cluster that stays away ends a bounded one.
                failures++;
            }
            finally
            {
                if (keeper is not null)
                {
                    await keeper.DisposeAsync().ConfigureAwait(false);
                }
            }

            if (failures > 0)
            {
                await Task.Delay(RetryPolicy.Backoff(failures, core.Options.Jitter()), time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>One request; null when its lease is lost.</summary>
    private async Task<Acquisition?> AskAsync(
        CallCore core, string target, LeaseKeeper keeper, TimeSpan slice, CancellationToken cancellationToken)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, keeper.LostToken);
        try
        {
            Answer answer = await core.SendAsync(MakeSpec(target, keeper.Id, slice), both.Token).ConfigureAwait(false);
            if (answer.Problem is { } problem)
            {
                return problem.Code == ErrorCodes.LeaseNotFound ? null : new Acquisition(0, Keeper: null, answer.Metadata, problem);
            }

            long token = Root == Elections
                ? WireMapping.Parse(answer, AnswerJson.Default.LeadershipAnswer, RequestKind.Write).Token
                : WireMapping.Parse(answer, AnswerJson.Default.GrantAnswer, RequestKind.Write).FencingToken;
            if (token == 0)
            {
                throw WireMapping.Broken(answer, RequestKind.Write, "it names no fencing token");
            }

            return new Acquisition(token, keeper, answer.Metadata, Held: null);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    private static bool IsWorthWaiting(RaftKvException e, TimeSpan? wait) =>
        wait != TimeSpan.Zero && e is RaftKvUnavailableException or RaftKvOutcomeUnknownException;

    private RequestSpec MakeSpec(string target, string lease, TimeSpan slice) => new(HttpMethod.Post, target, RequestKind.Write)
    {
        Body = JsonSerializer.SerializeToUtf8Bytes(
            Body with { Lease = lease, Wait = Durations.ToText(slice) }, RequestJson.Default.AcquireBody),
        ContentType = RequestSpecs.Json,
        PrefersLeader = true,
        ServerWait = slice,
        IsSentOnce = true,
        ExpectedProblems = Answers,
    };
}

/// <summary>What came of it: a keeper with the token, or what stood in the way.</summary>
internal sealed record Acquisition(long Token, LeaseKeeper? Keeper, ResponseMetadata? Metadata, Failure? Held)
{
    /// <exception cref="RaftKvLockHeldException">It is not got.</exception>
    internal Acquisition OrThrow() => Keeper is not null ? this : throw Held!.ToException();
}
