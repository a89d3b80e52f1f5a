using System.Text;
using System.Text.Json;
using RaftKv.Client.Calls;
using RaftKv.Client.Http;
using RaftKv.Client.Kv;
using RaftKv.Client.Quotas;
using RaftKv.Contract;
using RaftKv.Contract.Bodies;

namespace RaftKv.Client;

/// <summary>
/// How much may be stored, in all and under a prefix, and the alarms. Get it from <see cref="RaftKvClient.Quotas"/>. A write
/// that has no room fails with code <c>quota-exceeded</c>; deletions and reads go on.
/// </summary>
public sealed class QuotaClient
{
    private const string Root = "/api/v1/quotas";
    private readonly CallCore _core;

    internal QuotaClient(CallCore core) => _core = core;

    /// <summary>Limits a prefix. What is there stays; quotas of longer and shorter prefixes all count.</summary>
    /// <param name="maxKeys">Most live keys; null does not limit them.</param>
    /// <param name="maxBytes">Most bytes, all kept versions with their overhead; null does not limit them.</param>
    /// <exception cref="RaftKvException">It failed; the outcome says whether it was applied.</exception>
    public Task SetAsync(RaftKvKey prefix, long? maxKeys, long? maxBytes, CancellationToken cancellationToken = default)
    {
        if (maxKeys is null && maxBytes is null)
        {
            throw new ArgumentException("A quota limits keys, bytes or both; RemoveAsync removes it.", nameof(maxKeys));
        }

        return WriteAsync(HttpMethod.Put, Target(prefix), BodyOf(maxKeys, maxBytes), cancellationToken);
    }

    /// <summary>A prefix's quota with what is used; null when it has none.</summary>
    /// <exception cref="RaftKvException">No node could answer.</exception>
    public async Task<PrefixQuota?> GetAsync(RaftKvKey prefix, CancellationToken cancellationToken = default)
    {
        RequestSpec spec = RequestSpecs.Read(Target(prefix), options: null, _core.Options.Consistency) with
        {
            ExpectedProblems = [ErrorCodes.QuotaNotFound],
        };
        Answer answer = await _core.SendAsync(spec, cancellationToken).ConfigureAwait(false);
        return answer.Problem is not null ? null : QuotaMapping.ToQuota(prefix, answer);
    }

    /// <summary>Removes a prefix's quota; false when it had none.</summary>
    /// <exception cref="RaftKvException">It failed; the outcome says whether it was applied.</exception>
    public Task<bool> RemoveAsync(RaftKvKey prefix, CancellationToken cancellationToken = default) =>
        WriteAsync(HttpMethod.Delete, Target(prefix), body: null, cancellationToken, ErrorCodes.QuotaNotFound);

    /// <summary>Limits the whole store.</summary>
    /// <param name="maxBytes">Null leaves it to what the members can hold, which limits it in any case.</param>
    /// <exception cref="RaftKvException">It failed; the outcome says whether it was applied.</exception>
    public Task SetStoreAsync(long? maxBytes, CancellationToken cancellationToken = default) =>
        WriteAsync(HttpMethod.Put, Root, BodyOf(keys: null, maxBytes), cancellationToken);

    /// <summary>What the whole store uses and may use, and the alarms that are raised.</summary>
    /// <exception cref="RaftKvException">No node could answer.</exception>
    public async Task<StoreSpace> GetStoreAsync(CancellationToken cancellationToken = default)
    {
        RequestSpec spec = RequestSpecs.Read("/api/v1/alarms", options: null, _core.Options.Consistency);
        return QuotaMapping.ToSpace(await _core.SendAsync(spec, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Clears every alarm of a kind; false when none was raised. One whose cause lasts comes back.</summary>
    /// <param name="kind"><c>NOSPACE</c> or <c>CORRUPT</c>.</param>
    /// <exception cref="RaftKvException">It failed; the outcome says whether it was applied.</exception>
    public Task<bool> ClearAlarmAsync(string kind, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(kind);
        string target = "/api/v1/alarms/" + KeyEncoding.Escape(Encoding.UTF8.GetBytes(kind), keepsSlash: false);
        return WriteAsync(HttpMethod.Delete, target, body: null, cancellationToken, ErrorCodes.AlarmNotFound);
    }

    private async Task<bool> WriteAsync(
        HttpMethod method, string target, byte[]? body, CancellationToken cancellationToken, params string[] expected)
    {
        RequestSpec spec = RequestSpecs.Write(method, target, options: null, _core.Options) with { ExpectedProblems = expected };
        spec = body is null ? spec : spec with { Body = body, ContentType = RequestSpecs.Json };
        Answer answer = await _core.SendAsync(spec, cancellationToken).ConfigureAwait(false);
        return answer.Problem is null;
    }

    private static string Target(RaftKvKey prefix) =>
        Root + "/" + KeyEncoding.Escape(prefix.OrThrow(nameof(prefix)).Bytes.Span, keepsSlash: false);

    private static byte[] BodyOf(long? keys, long? bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(keys ?? 0);
        ArgumentOutOfRangeException.ThrowIfNegative(bytes ?? 0);
        return JsonSerializer.SerializeToUtf8Bytes(new QuotaBody { Keys = keys, Bytes = bytes }, RequestJson.Default.QuotaBody);
    }
}

/// <summary>What is used, and allowed; null when it is not limited.</summary>
public readonly record struct SpaceUse(long Used, long? Allowed);

/// <summary>A prefix with a quota.</summary>
public sealed record PrefixQuota(RaftKvKey Prefix, SpaceUse Keys, SpaceUse Bytes, ResponseMetadata Metadata);

/// <summary>The whole store.</summary>
/// <param name="Bytes">Used, and allowed by the quota and the smallest member.</param>
/// <param name="Alarms">Those that are raised, with their kind first, as in <c>NOSPACE quota</c> or <c>NOSPACE disk n2</c>.</param>
/// <param name="Json">The whole answer, for what this client has no name for.</param>
public sealed record StoreSpace(SpaceUse Bytes, IReadOnlyList<string> Alarms, JsonElement Json, ResponseMetadata Metadata);
