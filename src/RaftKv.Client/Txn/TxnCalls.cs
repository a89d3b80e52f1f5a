using RaftKv.Client.Calls;
using RaftKv.Client.Http;
using RaftKv.Contract.Bodies;

namespace RaftKv.Client.Txn;

/// <summary>Sends txns and reads their answers.</summary>
internal static class TxnCalls
{
    internal static async Task<TxnResult> CommitAsync(
        CallCore core, TxnBuilder txn, WriteOptions? options, CancellationToken cancellationToken)
    {
        // A txn that can only read may be repeated like any read.
        WriteOptions? writeOptions = txn.IsRead ? (options ?? new()) with { IsIdempotent = false } : options;
        RequestSpecs.RequireNoPrecondition(options);
        RequestSpec spec = RequestSpecs.Write(HttpMethod.Post, "/api/v1/txn", writeOptions, core.Options) with
        {
            Body = TxnWriter.Write(txn),
            ContentType = RequestSpecs.Json,
        };
        RequestKind kind = txn.IsRead ? RequestKind.Read : spec.Kind;
        spec = spec with { Kind = kind };
        Answer answer = await core.SendAsync(spec, cancellationToken).ConfigureAwait(false);
        TxnAnswer wire = WireMapping.Parse(answer, AnswerJson.Default.TxnAnswer, kind);
        return new TxnResult(wire.Succeeded, wire.Revision ?? 0, ToResults(wire.Responses, answer, kind), answer.Metadata);
    }

    private static IReadOnlyList<TxnOpResult> ToResults(IReadOnlyList<TxnResponse> wires, Answer answer, RequestKind kind)
    {
        List<TxnOpResult> results = new(wires.Count);
        foreach (TxnResponse wire in wires)
        {
            results.Add(wire switch
            {
                { Put: { } put } => new TxnPutResult(put.ModRevision),
                { Delete: { } delete } => new TxnDeleteResult(delete.Deleted),
                { Get: { } get } => new TxnGetResult(WireMapping.ToEntries(get.Items, answer), get.HasMore),
                { Increment: { } increment } => new TxnIncrementResult(increment.Value),
                { Txn: { } txn } => new TxnNestedResult(txn.Succeeded, ToResults(txn.Responses, answer, kind)),
                _ => throw WireMapping.Broken(answer, kind, "a txn response is of an unknown kind"),
            });
        }

        return results;
    }
}
