using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using RaftKv.Client.Errors;
using RaftKv.Client.Http;
using RaftKv.Client.Kv;
using RaftKv.Contract;
using RaftKv.Contract.Bodies;

namespace RaftKv.Client.Calls;

/// <summary>
/// The calls about keys, which the client and its sessions offer alike; their documentation stands at
/// <c>RaftKvClient</c>. Safe from any thread.
/// </summary>
internal sealed class KvCalls(CallCore core)
{
    internal CallCore Core => core;

    internal async Task<GetResult> TryGetAsync(RaftKvKey key, ReadOptions? options, CancellationToken cancellationToken)
    {
        string target = KeyEncoding.Target(RequestSpecs.KvRoot, key.OrThrow(nameof(key)), RequestSpecs.RevisionQuery(options));
        Answer answer = await core.ReadAsync(target, options, ErrorCodes.KeyNotFound, cancellationToken).ConfigureAwait(false);
        if (answer.Problem is not null)
        {
            return new GetResult(null, answer.Metadata);
        }

        PairBody pair = WireMapping.Parse(answer, AnswerJson.Default.PairBody, RequestKind.Read);
        return new GetResult(WireMapping.ToEntry(pair, answer), answer.Metadata);
    }

    internal async Task<RawValue?> GetRawAsync(RaftKvKey key, ReadOptions? options, CancellationToken cancellationToken)
    {
        string query = RequestSpecs.Join("raw", RequestSpecs.RevisionQuery(options));
        string target = KeyEncoding.Target(RequestSpecs.KvRoot, key.OrThrow(nameof(key)), query);
        Answer answer = await core.ReadAsync(target, options, ErrorCodes.KeyNotFound, cancellationToken).ConfigureAwait(false);
        return answer.Problem is not null ? null : new RawValue(answer.Body, answer.ETagRevision ?? 0, answer.Metadata);
    }

    internal async Task<PutResult> PutAsync(
        RaftKvKey key, ReadOnlyMemory<byte> value, WriteOptions? options, CancellationToken cancellationToken)
    {
        RequestSpec spec = RequestSpecs.Put(key, value, options ?? new(), core.Options);
        return ToPutResult(await core.SendAsync(spec, cancellationToken).ConfigureAwait(false));
    }

    internal async Task<AcceptedOperation> PutAcceptedAsync(
        RaftKvKey key, ReadOnlyMemory<byte> value, WriteOptions? options, CancellationToken cancellationToken)
    {
        RequestSpec spec = RequestSpecs.Put(key, value, (options ?? new()) with { Concern = WriteConcern.Majority }, core.Options);
        Answer answer = await core.SendAsync(RequestSpecs.Accepted(spec), cancellationToken).ConfigureAwait(false);
        string? id = answer.Location?.Split('/')[^1];
        return string.IsNullOrEmpty(id)
            ? throw WireMapping.Broken(answer, RequestKind.Write, "it names no operation to look up")
            : new AcceptedOperation(Uri.UnescapeDataString(id), answer.Metadata);
    }

    internal async Task<CompareAndSetResult> TryCompareAndSetAsync(
        RaftKvKey key, Precondition expected, ReadOnlyMemory<byte> value, WriteOptions? options, CancellationToken cancellationToken)
    {
        RequestSpec spec = RequestSpecs.Put(key, value, RequestSpecs.Conditional(options, expected), core.Options) with
        {
            ExpectedProblems = [ErrorCodes.PreconditionFailed],
        };
        Answer answer = await core.SendAsync(spec, cancellationToken).ConfigureAwait(false);
        return answer.Problem is { } problem
            ? new CompareAndSetResult(Succeeded: false, ModRevision: 0, problem.CurrentRevision, answer.Metadata)
            : new CompareAndSetResult(Succeeded: true, ToPutResult(answer).ModRevision, CurrentRevision: null, answer.Metadata);
    }

    internal Task<DeleteResult> DeleteAsync(RaftKvKey key, WriteOptions? options, CancellationToken cancellationToken) =>
        DeleteTargetAsync(KeyEncoding.Target(RequestSpecs.KvRoot, key.OrThrow(nameof(key)), ""), options, cancellationToken);

    internal Task<DeleteResult> DeletePrefixAsync(RaftKvKey prefix, WriteOptions? options, CancellationToken cancellationToken)
    {
        RequestSpecs.RequireNoPrecondition(options);
        string query = KeyEncoding.RangeQuery(RaftKvRange.Prefix(prefix.OrThrow(nameof(prefix)).Bytes));
        return DeleteTargetAsync(RequestSpecs.KvRoot + "?" + query, options, cancellationToken);
    }

    internal Task<DeleteResult> DeleteAllAsync(WriteOptions? options, CancellationToken cancellationToken)
    {
        RequestSpecs.RequireNoPrecondition(options);
        return DeleteTargetAsync(RequestSpecs.KvRoot + "?all=true", options, cancellationToken);
    }

    internal async Task<IncrementResult> IncrementAsync(
        RaftKvKey key, long by, WriteOptions? options, CancellationToken cancellationToken)
    {
        RequestSpecs.RequireNoPrecondition(options);
        if (!KeyEncoding.IsSafeInPath(key.OrThrow(nameof(key)).Bytes.Span))
        {
            return await IncrementInTxnAsync(key, by, options, cancellationToken).ConfigureAwait(false);
        }

        string target = KeyEncoding.Target("/api/v1/counters", key, "");
        RequestSpec spec = RequestSpecs.Write(HttpMethod.Post, target, options, core.Options) with
        {
            Body = JsonSerializer.SerializeToUtf8Bytes(new CounterBody { By = by }, RequestJson.Default.CounterBody),
            ContentType = RequestSpecs.Json,
        };
        Answer answer = await core.SendAsync(spec, cancellationToken).ConfigureAwait(false);
        CounterAnswer wire = WireMapping.Parse(answer, AnswerJson.Default.CounterAnswer, RequestKind.Write);
        return new IncrementResult(wire.Value, wire.Revision, answer.Metadata);
    }

    internal async IAsyncEnumerable<KeyValueEntry> RangeAsync(
        RaftKvRange range, RangeOptions? rangeOptions, ReadOptions? options,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(range);
        rangeOptions ??= new RangeOptions();
        string? query = RequestSpecs.RangeQuery(range, rangeOptions, options);
        while (query is not null)
        {
            Answer answer =
                await core.ReadAsync(RequestSpecs.KvRoot + query, options, expectedProblem: null, cancellationToken).ConfigureAwait(false);
            PageAnswer page = WireMapping.Parse(answer, AnswerJson.Default.PageAnswer, RequestKind.Read);
            foreach (ItemBody wire in page.Items ?? [])
            {
                yield return WireMapping.ToEntry(wire, answer);
            }

            // The link is the server's own word on how to go on; it holds the cursor, which holds the revision.
            query = answer.NextLink;
        }
    }

    internal async Task<CountResult> CountAsync(RaftKvRange range, ReadOptions? options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(range);
        string query = RequestSpecs.Join(
            RequestSpecs.Join(KeyEncoding.RangeQuery(range), "countOnly=true"), RequestSpecs.RevisionQuery(options));
        Answer answer =
            await core.ReadAsync(RequestSpecs.KvRoot + "?" + query, options, null, cancellationToken).ConfigureAwait(false);
        PageAnswer page = WireMapping.Parse(answer, AnswerJson.Default.PageAnswer, RequestKind.Read);
        return new CountResult(page.Count ?? throw WireMapping.Broken(answer, RequestKind.Read, "it has no count"), answer.Metadata)
        {
            Bytes = page.Bytes,
        };
    }

    internal async Task<HistoryResult> HistoryAsync(
        RaftKvKey key, int limit, ReadOptions? options, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, 10_000);
        string query = string.Create(CultureInfo.InvariantCulture, $"history&limit={limit}");
        string target = KeyEncoding.Target(RequestSpecs.KvRoot, key.OrThrow(nameof(key)), query);
        Answer answer = await core.ReadAsync(target, options, ErrorCodes.KeyNotFound, cancellationToken).ConfigureAwait(false);
        if (answer.Problem is not null)
        {
            return new HistoryResult([], HasMore: false, answer.Metadata);
        }

        HistoryAnswer wire = WireMapping.Parse(answer, AnswerJson.Default.HistoryAnswer, RequestKind.Read);
        KeyValueEntry[] versions = [.. wire.Versions.Select(version => WireMapping.ToEntry(version, key, answer))];
        return new HistoryResult(versions, wire.HasMore, answer.Metadata);
    }

    internal async Task<CompactResult> CompactAsync(long revision, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(revision, 1);
        RequestSpec spec = RequestSpecs.Write(HttpMethod.Post, "/api/v1/compact", options: null, core.Options) with
        {
            Body = JsonSerializer.SerializeToUtf8Bytes(new CompactBody { Revision = revision }, RequestJson.Default.CompactBody),
            ContentType = RequestSpecs.Json,
        };
        Answer answer = await core.SendAsync(spec, cancellationToken).ConfigureAwait(false);
        return new CompactResult(revision, answer.Metadata);
    }

    private static PutResult ToPutResult(Answer answer)
    {
        WrittenBody wire = WireMapping.Parse(answer, AnswerJson.Default.WrittenBody, RequestKind.Write);
        return new PutResult(wire.CreateRevision, wire.ModRevision, wire.Version, IsCreated: answer.Status == 201, answer.Metadata);
    }

    /// <summary>The path of a counter takes no base64url; the body of a txn does.</summary>
    private async Task<IncrementResult> IncrementInTxnAsync(
        RaftKvKey key, long by, WriteOptions? options, CancellationToken cancellationToken)
    {
        (string text, string? encoding) = KeyEncoding.ToText(key);
        IncrementSpec increment = new() { Key = text, KeyEncoding = encoding, By = by };
        RequestSpec spec = RequestSpecs.Write(HttpMethod.Post, "/api/v1/txn", options, core.Options) with
        {
            Body = JsonSerializer.SerializeToUtf8Bytes(
                new TxnBody { Then = [new OperationSpec { Increment = increment }] }, RequestJson.Default.TxnBody),
            ContentType = RequestSpecs.Json,
        };
        Answer answer = await core.SendAsync(spec, cancellationToken).ConfigureAwait(false);
        TxnAnswer wire = WireMapping.Parse(answer, AnswerJson.Default.TxnAnswer, spec.Kind);
        return wire.Responses is [{ Increment: { } counter }]
            ? new IncrementResult(counter.Value, wire.Revision ?? 0, answer.Metadata)
            : throw new RaftKvProtocolException(
                new Failure("bad-answer", "The answer to an increment is not a counter's value.", Outcome.Applied), inner: null);
    }

    private async Task<DeleteResult> DeleteTargetAsync(string target, WriteOptions? options, CancellationToken cancellationToken)
    {
        RequestSpec spec = RequestSpecs.Write(HttpMethod.Delete, target, options, core.Options);
        Answer answer = await core.SendAsync(spec, cancellationToken).ConfigureAwait(false);
        return new DeleteResult(WireMapping.Parse(answer, AnswerJson.Default.DeletedAnswer, RequestKind.Write).Deleted, answer.Metadata);
    }
}
