using System.Globalization;
using RaftKv.Contract;
using RaftKv.Core;
using RaftKv.Engine;
using RaftKv.Service.Calls;
using RaftKv.Service.Receipts;
using RaftKv.Service.Vocabulary;

namespace RaftKv.Doors.Http;

/// <summary>What stands on every answer that tells of its consistency: headers at one door, metadata at another.</summary>
internal static class AnswerHeaders
{
    /// <summary>Puts them, and counts that the answer is ready.</summary>
    public static void Apply(ServiceCall call, HttpContext context)
    {
        ServedRead served = call.Served;
        ViewFacts facts = call.Context.FactsOf(served.View);
        IHeaderDictionary headers = context.Response.Headers;
        headers.CacheControl = "no-store";
        headers[HeaderNames.Revision] = facts.Revision;
        headers[HeaderNames.Term] = served.Term > facts.Status.Term ? served.Term.ToString() : facts.Term;
        headers[HeaderNames.AppliedIndex] = facts.AppliedIndex;
        headers[HeaderNames.ServedBy] = call.Context.NodeName;
        headers[HeaderNames.Role] = facts.Role;
        if (call.Node.EngineName != EngineNames.Native)
        {
            headers[HeaderNames.Engine] = call.Node.EngineName;
        }

        headers[HeaderNames.ServerTiming] = TimingText(call.AnswerIsReady(), call.WaitedUs);
        if (facts.Leader is not null)
        {
            headers[HeaderNames.Leader] = facts.Leader;
        }

        // Of what was served only: an answer that shows nothing of the store has no level.
        if (call.HasServed)
        {
            PutLevel(headers, served);
        }

        if (call.Context.Tokens is { } tokens)
        {
            headers[HeaderNames.Session] = call.Seen.Write == Revision.Zero && call.Seen.Read == served.View.Revision
                ? facts.SessionOf(tokens)
                : tokens.Encode(call.Seen);
        }

        if (call.Terms.IdempotencyKey is not null && call.WrittenIn is { } written)
        {
            headers[HeaderNames.IdempotencyWindow] =
                string.Create(CultureInfo.InvariantCulture, $"{written.Once.Limits.FloorMs / 1000}s");
        }

        if (call.Terms.WantsReceipt && call.HasServed && call.Context.Keys is { } keys)
        {
            headers[HeaderNames.Receipt] = ReceiptSigner.Sign(keys, ReceiptText.Describe(call, served, context));
        }
    }

    private static void PutLevel(IHeaderDictionary headers, in ServedRead served)
    {
        headers[HeaderNames.Consistency] = ReadLevels.NameOf(served.Level);

        // Absent when nothing is proven: a guess would be worse than nothing.
        if (served.StalenessMs is { } bound)
        {
            headers[HeaderNames.StalenessMs] = bound == 0 ? "0" : bound.ToString(CultureInfo.InvariantCulture);
        }
    }

    private static string TimingText(long total, long? waited)
    {
        if (waited is not { } raft)
        {
            return string.Create(CultureInfo.InvariantCulture, stackalloc char[64], $"total;dur={total / 1000}.{total % 1000:000}");
        }

        return string.Create(
            CultureInfo.InvariantCulture,
            stackalloc char[96],
            $"raft;dur={raft / 1000}.{raft % 1000:000}, total;dur={total / 1000}.{total % 1000:000}");
    }
}
