using System.Globalization;
using System.Text;
using System.Text.Json;
using RaftKv.Client.Http;

namespace RaftKv.Client.Coordination;

/// <summary>Takes a lock, a semaphore's place or a leadership: all three are a place in a queue that hangs on a lease.</summary>
/// <param name="Root">The collection: <c>locks</c>, <c>semaphores</c> or <c>elections</c>.</param>
/// <param name="Verb">What follows the name in the path; empty for nothing.</param>
internal sealed record AcquireRequest(string Root, string Name, string Verb)
{
    /// <summary>
    /// One request waits at the server for so long; then the wait goes on with another one, under the same lease. Nodes
    /// take at most this.
    /// </summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);

    private static readonly IReadOnlyList<string> Answers = ["lock-held", "lease-not-found"];

    /// <summary>Machine and process.</summary>
    internal static string DefaultOwner { get; } =
        string.Create(CultureInfo.InvariantCulture, $"{Environment.MachineName}/{Environment.ProcessId}");

    internal required WireAcquireRequest Body { get; init; }

    /// <summary>The path of a name: one segment, its slashes escaped, so that no name is taken for a verb.</summary>
    internal static string Target(string root, string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return $"/api/v1/{root}/{KeyEncoding.Escape(Encoding.UTF8.GetBytes(name), keepsSlash: false)}";
    }

    /// <summary>Takes it with a lease of its own, which is revoked when it is not got.</summary>
    /// <param name="wait">Null waits until cancelled.</param>
    internal async Task<Acquisition> AcquireAsync(RaftKvClient client, TimeSpan ttl, TimeSpan? wait, CancellationToken cancellationToken)
    {
        LeaseClient.RequirePositive(ttl);
        string target = Target(Root, Name) + Verb;
        long startTimestamp = client.Options.TimeProvider.GetTimestamp();
        while (true)
        {
            LeaseKeeper? keeper = await client.Leases.KeepAsync(ttl, cancellationToken).ConfigureAwait(false);
            try
            {
                Acquisition? got = await WaitAsync(client, target, keeper, wait, startTimestamp, cancellationToken).ConfigureAwait(false);
                if (got is { Keeper: not null } && keeper.IsAlive)
                {
                    keeper = null;
                    return got;
                }

                if (got is { Keeper: null })
                {
                    return got;
                }

                // The lease ended during the wait, or just as it was won: once more, with another one.
            }
            finally
            {
                if (keeper is not null)
                {
                    await keeper.DisposeAsync().ConfigureAwait(false);
                }
            }
        }
    }

    /// <summary>Null when the lease is lost; another one is needed.</summary>
    private async Task<Acquisition?> WaitAsync(
        RaftKvClient client, string target, LeaseKeeper keeper, TimeSpan? wait, long startTimestamp, CancellationToken cancellationToken)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, keeper.LostToken);
        int failures = 0;
        while (true)
        {
            TimeSpan left = wait is { } limit ? limit - client.Options.TimeProvider.GetElapsedTime(startTimestamp) : LongestWait;
            TimeSpan slice = left <= TimeSpan.Zero ? TimeSpan.Zero : left < LongestWait ? left : LongestWait;
            try
            {
                Answer answer = await client.SendAsync(MakeSpec(target, keeper.Id, slice), both.Token).ConfigureAwait(false);
                if (answer.Problem is null)
                {
                    WireGrant wire = WireMapping.Parse(answer, WireJson.Default.WireGrant, RequestKind.RepeatableWrite);
                    long token = wire.FencingToken ?? wire.Token
                        ?? throw WireMapping.Broken(answer, RequestKind.RepeatableWrite, "it names no fencing token");
                    return new Acquisition(token, keeper, answer.Metadata, Held: null);
                }

                if (answer.Problem.Code == "lease-not-found")
                {
                    return null;
                }

                if (slice >= left && wait is not null)
                {
                    return new Acquisition(0, Keeper: null, answer.Metadata, answer.Problem);
                }

                failures = 0;
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return null;
            }
            catch (RaftKvException e) when (IsWorthWaiting(e, wait) && keeper.IsAlive)
            {
                // An election, or a node that dies, ends no wait. The place in the queue lives as long as the lease.
                await Task.Delay(RetryPolicy.Backoff(++failures, client.Options.Jitter()), client.Options.TimeProvider, cancellationToken)
                    .ConfigureAwait(false);
            }
        }
    }

    private static bool IsWorthWaiting(RaftKvException e, TimeSpan? wait) =>
        wait != TimeSpan.Zero && e is RaftKvUnavailableException or RaftKvOutcomeUnknownException;

    private RequestSpec MakeSpec(string target, string lease, TimeSpan slice) =>

        // No key is needed for a repeat: a lease has one place, and gets the same token again.
        new(HttpMethod.Post, target, RequestKind.RepeatableWrite)
        {
            Body = JsonSerializer.SerializeToUtf8Bytes(
                Body with { Lease = lease, Wait = Durations.ToText(slice) }, WireJson.Default.WireAcquireRequest),
            ContentType = RequestSpecs.Json,
            PrefersLeader = true,
            ServerWait = slice,
            ExpectedProblems = Answers,
        };
}

/// <summary>What came of it: a keeper with the token, or what stood in the way.</summary>
internal sealed record Acquisition(long Token, LeaseKeeper? Keeper, ResponseMetadata? Metadata, Failure? Held)
{
    /// <exception cref="RaftKvLockHeldException">It is not got.</exception>
    internal Acquisition OrThrow() => Keeper is not null ? this : throw Held!.ToException();
}
