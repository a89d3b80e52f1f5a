using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using RaftKv.Client.Calls;
using RaftKv.Client.Http;
using RaftKv.Client.Kv;
using RaftKv.Contract;
using RaftKv.Contract.Bodies;

namespace RaftKv.Client;

/// <summary>Leases: keys that hang on one go when it ends. Get it from <see cref="RaftKvClient.Leases"/>.</summary>
/// <remarks><code>
/// await using LeaseKeeper lease = await client.Leases.KeepAsync(TimeSpan.FromSeconds(10));
/// await client.PutAsync("services/api/1", "10.0.0.7", new WriteOptions { Lease = lease.Id });
/// </code></remarks>
public sealed class LeaseClient
{
    private const string Root = "/api/v1/leases";
    private readonly CallCore _core;

    internal LeaseClient(CallCore core) => _core = core;

    /// <summary>Grants a lease. Nobody renews it: see <see cref="KeepAsync"/>.</summary>
    /// <param name="ttl">How long it lives without a renewal; 100 ms or more.</param>
    /// <exception cref="RaftKvOutcomeUnknownException">It may or may not be granted; it then ends by itself.</exception>
    /// <exception cref="RaftKvException">Other failures; nothing was granted.</exception>
    public async Task<LeaseGrant> GrantAsync(TimeSpan ttl, WriteOptions? options = null, CancellationToken cancellationToken = default)
    {
        RequirePositive(ttl);
        RequestSpec spec = RequestSpecs.Write(HttpMethod.Post, Root, options, _core.Options) with
        {
            Body = JsonSerializer.SerializeToUtf8Bytes(new LeaseBody { Ttl = Durations.ToText(ttl) }, RequestJson.Default.LeaseBody),
            ContentType = RequestSpecs.Json,
        };
        Answer answer = await _core.SendAsync(spec, cancellationToken).ConfigureAwait(false);
        LeaseAnswer wire = WireMapping.Parse(answer, AnswerJson.Default.LeaseAnswer, spec.Kind);
        return wire.Id.Length == 0
            ? throw WireMapping.Broken(answer, spec.Kind, "it names no lease")
            : new LeaseGrant(wire.Id, wire.TtlMs > 0 ? Spans.OfMs(wire.TtlMs) : ttl, answer.Metadata);
    }

    /// <summary>Grants a lease and renews it until the keeper is disposed, which revokes it.</summary>
    /// <param name="ttl">How long it outlives its keeper; renewed at a third of it.</param>
    /// <exception cref="RaftKvOutcomeUnknownException">It may or may not be granted; it then ends by itself.</exception>
    /// <exception cref="RaftKvException">Other failures; nothing was granted.</exception>
    public async Task<LeaseKeeper> KeepAsync(TimeSpan ttl, CancellationToken cancellationToken = default)
    {
        // Counted from before the request left: the server's own count begins later, so ours always ends first.
        long sentAt = _core.Options.TimeProvider.GetTimestamp();
        LeaseGrant grant = await GrantAsync(ttl, options: null, cancellationToken).ConfigureAwait(false);
        return new LeaseKeeper(this, grant.Id, grant.Ttl, sentAt, _core.Options);
    }

    /// <summary>A lease with its keys and the time that is left; null when there is no such lease.</summary>
    /// <exception cref="RaftKvException">No node could answer.</exception>
    public Task<LeaseInfo?> GetAsync(string id, CancellationToken cancellationToken = default) =>
        GetAsync(id, options: null, cancellationToken);

    /// <summary>
    /// A lease with its keys, as the read level sees them; null when there is no such lease there. The time that is left is the
    /// leader's to say at every level, so that a leader must be known.
    /// </summary>
    /// <exception cref="RaftKvException">No node could answer.</exception>
    public async Task<LeaseInfo?> GetAsync(string id, ReadOptions? options, CancellationToken cancellationToken = default)
    {
        RequestSpec spec = RequestSpecs.Read(Target(id), options, _core.Options.Consistency) with
        {
            ExpectedProblems = [ErrorCodes.LeaseNotFound],
        };
        Answer answer = await _core.SendAsync(spec, cancellationToken).ConfigureAwait(false);
        if (answer.Problem is not null)
        {
            return null;
        }

        LeaseAnswer wire = WireMapping.Parse(answer, AnswerJson.Default.LeaseAnswer, RequestKind.Read);
        return new LeaseInfo(
            id,
            Spans.OfMs(wire.TtlMs),
            Spans.OfMs(wire.RemainingMs),
            [.. (wire.Keys ?? []).Select(key => WireMapping.ToKey(key, answer))],
            answer.Metadata);
    }

    /// <summary>Renews a lease; false when it has ended, and then nothing brings it back.</summary>
    /// <exception cref="RaftKvException">No node could answer: it may or may not be renewed.</exception>
    public Task<bool> KeepAliveAsync(string id, CancellationToken cancellationToken = default) =>
        KeepAliveAsync(id, limit: null, cancellationToken);

    /// <summary>Ends a lease and deletes its keys, in one revision; false when it had ended already.</summary>
    /// <exception cref="RaftKvOutcomeUnknownException">It may or may not have ended.</exception>
    /// <exception cref="RaftKvException">Other failures; it was not revoked.</exception>
    public Task<bool> RevokeAsync(string id, CancellationToken cancellationToken = default) => RevokeAsync(id, limit: null, cancellationToken);

    /// <summary>Walks the leases, without the time that is left.</summary>
    /// <exception cref="RaftKvException">No node could answer.</exception>
    public IAsyncEnumerable<LeaseGrant> ListAsync(CancellationToken cancellationToken = default) =>
        ListAsync(options: null, cancellationToken);

    /// <summary>Walks the leases at a read level, without the time that is left; each page is of a view of its own.</summary>
    /// <exception cref="RaftKvException">No node could answer.</exception>
    public async IAsyncEnumerable<LeaseGrant> ListAsync(
        ReadOptions? options, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        string? cursor = "";
        while (cursor is not null)
        {
            string target = cursor.Length == 0
                ? Root + "?limit=1000"
                : Root + "?limit=1000&cursor=" + KeyEncoding.Escape(System.Text.Encoding.UTF8.GetBytes(cursor), keepsSlash: false);
            RequestSpec spec = RequestSpecs.Read(target, options, _core.Options.Consistency);
            Answer answer = await _core.SendAsync(spec, cancellationToken).ConfigureAwait(false);
            LeaseList page = WireMapping.Parse(answer, AnswerJson.Default.LeaseList, RequestKind.Read);
            foreach (LeaseEntry wire in page.Leases)
            {
                yield return new LeaseGrant(wire.Id, Spans.OfMs(wire.TtlMs), answer.Metadata);
            }

            cursor = page.NextCursor;
        }
    }

    /// <param name="limit">Whole time of the call, and for an attempt a third of it; null for the client's.</param>
    internal async Task<bool> KeepAliveAsync(string id, TimeSpan? limit, CancellationToken cancellationToken)
    {
        // A renewal can be repeated: it says "from now on", not "once more".
        RequestSpec spec = new(HttpMethod.Post, Target(id) + "/keepalive", RequestKind.RepeatableWrite)
        {
            PrefersLeader = true,
            Timeout = limit,
            AttemptTimeout = limit / 3,
            ExpectedProblems = [ErrorCodes.LeaseNotFound],
        };
        return (await _core.SendAsync(spec, cancellationToken).ConfigureAwait(false)).Problem is null;
    }

    internal async Task<bool> RevokeAsync(string id, TimeSpan? limit, CancellationToken cancellationToken)
    {
        // Repeating is safe without a key: the second one finds no lease.
        RequestSpec spec = new(HttpMethod.Delete, Target(id), RequestKind.RepeatableWrite)
        {
            PrefersLeader = true,
            Timeout = limit,
            ExpectedProblems = [ErrorCodes.LeaseNotFound],
        };
        return (await _core.SendAsync(spec, cancellationToken).ConfigureAwait(false)).Problem is null;
    }

    internal static void RequirePositive(TimeSpan ttl)
    {
        if (ttl < TimeSpan.FromMilliseconds(100))
        {
            throw new ArgumentOutOfRangeException(nameof(ttl), ttl, "A lease lives at least 100 ms.");
        }
    }

    private static string Target(string id)
    {
        ArgumentException.ThrowIfNullOrEmpty(id);
        return string.Create(CultureInfo.InvariantCulture, $"{Root}/{Uri.EscapeDataString(id)}");
    }
}

/// <summary>A lease as granted.</summary>
/// <param name="Id">Its id, as hex; what <see cref="WriteOptions.Lease"/> takes.</param>
/// <param name="Ttl">How long it lives without a renewal.</param>
public sealed record LeaseGrant(string Id, TimeSpan Ttl, ResponseMetadata Metadata);

/// <summary>A lease as it is.</summary>
/// <param name="Remaining">Until it ends, unless renewed; null when the node could not tell.</param>
/// <param name="Keys">The keys that hang on it.</param>
public sealed record LeaseInfo(string Id, TimeSpan Ttl, TimeSpan? Remaining, IReadOnlyList<RaftKvKey> Keys, ResponseMetadata Metadata);
