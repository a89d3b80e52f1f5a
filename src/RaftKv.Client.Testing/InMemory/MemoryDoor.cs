using System.Buffers.Text;
using System.Collections.Specialized;
using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Web;
using RaftKv.Contract;
using RaftKv.Contract.Bodies;

namespace RaftKv.Client.Testing.InMemory;

/// <summary>
/// Answers what the real client asks about leases, locks, semaphores and elections, as a node would: so their handles, renewals and
/// errors are the client's own.
/// </summary>
/// <param name="nextFailure">What the next call of a caller is to fail with; null for nothing.</param>
internal sealed class MemoryDoor(MemoryCluster cluster, Func<RaftKvException?> nextFailure) : HttpMessageHandler
{
    private readonly MemoryAcquisition _acquisition = new(cluster);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        byte[] body = request.Content is { } content ? await content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false) : [];

        // After /api/v1/: names keep their escapes until here, so that none is taken for a verb.
        string[] path = [.. request.RequestUri!.AbsolutePath.Split('/')[3..].Select(Uri.UnescapeDataString)];
        if (!IsInBackground(request.Method, path) && nextFailure() is { } failure)
        {
            throw failure;
        }

        if (request.Method == HttpMethod.Post && OrderOf(path, body) is { } order)
        {
            return await _acquisition.RunAsync(order, cancellationToken).ConfigureAwait(false);
        }

        NameValueCollection query = HttpUtility.ParseQueryString(request.RequestUri.Query);
        lock (cluster.Gate)
        {
            cluster.EndDue();
            HttpResponseMessage answer = Answer(request.Method.Method, path, body, query);
            cluster.EndDue();
            return answer;
        }
    }

    /// <summary>What handles do by themselves, whenever they do it, takes no failure that a test meant for its own call.</summary>
    private static bool IsInBackground(HttpMethod method, string[] path) =>
        path is ["leases", _, "keepalive"] or ["watch"] || (method == HttpMethod.Delete && path is ["leases", _]);

    private static AcquireOrder? OrderOf(string[] path, byte[] body) =>
        path is [MemoryQueue.Locks or MemoryQueue.Semaphores, _] or [MemoryQueue.Elections, _, "campaign"]
            ? new AcquireOrder(path[0], path[1], Parse(body, RequestJson.Default.AcquireBody))
            : null;

    private static T Parse<T>(byte[] body, JsonTypeInfo<T> type)
        where T : class =>
        JsonSerializer.Deserialize(body, type) ?? throw new InvalidOperationException("The client sent no body.");

    private HttpResponseMessage Answer(string verb, string[] path, byte[] body, NameValueCollection query) => (verb, path) switch
    {
        ("POST", ["leases"]) => Grant(Parse(body, RequestJson.Default.LeaseBody)),
        ("GET", ["leases"]) => List(),
        ("GET", ["leases", var id]) => Lease(id, withKeys: true),
        ("POST", ["leases", var id, "keepalive"]) => cluster.Leases.TryRenew(id) ? Lease(id, withKeys: false) : NoLease(),
        ("DELETE", ["leases", var id]) => cluster.End(id, WatchEventReason.Revoked)
            ? Ok(new LeaseEnded { Id = id, Revision = cluster.Store.Revision }, AnswerJson.Default.LeaseEnded)
            : NoLease(),
        ("GET", [MemoryQueue.Locks or MemoryQueue.Semaphores, var name]) => Queue(cluster.Queue(path[0], name)),
        ("GET", [MemoryQueue.Elections, var name]) => Election(cluster.Queue(MemoryQueue.Elections, name)),
        ("PUT", [MemoryQueue.Elections, var name, "value"]) => Proclaim(name, body, query["token"]),
        ("POST", ["fence", "verify"]) => Verify(Parse(body, RequestJson.Default.FenceBody)),
        ("GET", ["watch"]) => Watch(query),
        _ => Problem(HttpStatusCode.NotFound, ErrorCodes.NotFound, "The double has no such place."),
    };

    private HttpResponseMessage Grant(LeaseBody body)
    {
        _ = Durations.TryParseTtl(body.Ttl, out long ttlMs);
        string id = cluster.Leases.Grant(TimeSpan.FromMilliseconds(ttlMs));
        LeaseAnswer answer = new() { Id = id, TtlMs = ttlMs, RemainingMs = ttlMs, Revision = cluster.Store.Revision };
        return MemoryWire.Answer(answer, AnswerJson.Default.LeaseAnswer, cluster.Store.Revision, HttpStatusCode.Created);
    }

    private HttpResponseMessage List() => Ok(
        new LeaseList
        {
            Leases = [.. cluster.Leases.All.Select(static lease => new LeaseEntry { Id = lease.Id, TtlMs = Ms(lease.Ttl) })],
        },
        AnswerJson.Default.LeaseList);

    private HttpResponseMessage Lease(string id, bool withKeys)
    {
        if (cluster.Leases.TtlOf(id) is not { } ttl)
        {
            return NoLease();
        }

        PairBody[] keys = [.. cluster.Store.Now().Entries.Values.Where(entry => entry.Lease == id).Select(MemoryWire.Pair)];
        return Ok(
            new LeaseAnswer
            {
                Id = id,
                TtlMs = Ms(ttl),
                RemainingMs = Ms(cluster.Leases.RemainingOf(id)!.Value),
                Keys = withKeys ? [.. keys.Select(static key => new LeaseKey { Key = key.Key, KeyEncoding = key.KeyEncoding })] : null,
            },
            AnswerJson.Default.LeaseAnswer);
    }

    private HttpResponseMessage Queue(MemoryQueue queue) => Ok(
        new QueueAnswer
        {
            Name = queue.Name,
            Holders = [.. queue.Holders.Select(place => MemoryWire.Holder(place, cluster.Leases.RemainingOf(place.Entry.Lease!)))],
            Queue = [.. queue.Waiters.Select(static place => MemoryWire.Holder(place, remaining: null))],
            Revision = cluster.Store.Revision,
        },
        AnswerJson.Default.QueueAnswer);

    private HttpResponseMessage Election(MemoryQueue queue)
    {
        MemoryPlace? leader = queue.Holders.FirstOrDefault();
        return Ok(
            new ElectionAnswer
            {
                Name = queue.Name,
                Leader = leader is null ? null : new LeaderBody
                {
                    Token = leader.Token,
                    Value = leader.Owner,
                    Encoding = Encodings.Utf8,
                    Lease = leader.Entry.Lease!,
                    Revision = leader.Entry.ModRevision,
                },
                CandidateCount = queue.Places.Count,
                Revision = cluster.Store.Revision,
            },
            AnswerJson.Default.ElectionAnswer);
    }

    private HttpResponseMessage Proclaim(string name, byte[] value, string? token)
    {
        MemoryPlace? leader = cluster.Queue(MemoryQueue.Elections, name).Holders.FirstOrDefault();
        if (leader is null || leader.Token.ToString(CultureInfo.InvariantCulture) != token)
        {
            return Problem(
                HttpStatusCode.PreconditionFailed, ErrorCodes.NotHolder, "The token does not hold it (any more); nothing was changed.");
        }

        cluster.Store.Write(() => cluster.Store.Put(leader.Entry.Key, value, leader.Entry.Lease));
        return Ok(new CompactAnswer(), AnswerJson.Default.CompactAnswer);
    }

    private HttpResponseMessage Verify(FenceBody fence)
    {
        string root = fence.Kind switch
        {
            LockKinds.Semaphore => MemoryQueue.Semaphores,
            LockKinds.Election => MemoryQueue.Elections,
            _ => MemoryQueue.Locks,
        };
        long[] holders = [.. cluster.Queue(root, fence.Lock!).Holders.Select(static place => place.Token)];
        return Ok(
            new FenceAnswer { Valid = holders.Contains(fence.Token ?? 0), HolderTokens = holders, Revision = cluster.Store.Revision },
            AnswerJson.Default.FenceAnswer);
    }

    private HttpResponseMessage Watch(NameValueCollection query)
    {
        string prefix = query["prefix"] ?? "";
        RaftKvRange range = query["keyEncoding"] == Encodings.Base64Url
            ? RaftKvRange.Prefix(Base64Url.DecodeFromChars(prefix))
            : RaftKvRange.Prefix(prefix);
        bool hasStart = long.TryParse(query["startRevision"], CultureInfo.InvariantCulture, out long start);
        bool hasInterval = Durations.TryParse(query["bookmarkInterval"], out TimeSpan interval);
        MemoryWatchStream lines = new(
            cluster, range, hasStart ? start : cluster.Store.Revision + 1, needsState: query["snapshot"] == "true",
            hasInterval ? interval : ApiLimits.DefaultBookmarkInterval);
        return MemoryWire.WithHeaders(new HttpResponseMessage { Content = new StreamContent(lines) }, cluster.Store.Revision);
    }

    private HttpResponseMessage NoLease() => Problem(
        HttpStatusCode.NotFound, ErrorCodes.LeaseNotFound, "The lease does not exist: it was never granted, or has ended.");

    private HttpResponseMessage Problem(HttpStatusCode status, string code, string detail) =>
        MemoryWire.Problem(status, code, detail, cluster.Store.Revision);

    private HttpResponseMessage Ok<T>(T body, JsonTypeInfo<T> type) => MemoryWire.Answer(body, type, cluster.Store.Revision);

    private static long Ms(TimeSpan span) => (long)span.TotalMilliseconds;
}
