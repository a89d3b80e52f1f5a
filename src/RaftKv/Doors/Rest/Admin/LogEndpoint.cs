using RaftKv.Contract.Bodies;
using RaftKv.Core;
using RaftKv.Core.Reads;
using RaftKv.Doors.Http;
using RaftKv.Doors.Http.Terms;
using RaftKv.Engine;
using RaftKv.Node;
using RaftKv.Service.Refusals;

namespace RaftKv.Doors.Rest.Admin;

/// <summary>GET /log: a bounded part of what this node's log has applied, decoded. Reads only.</summary>
internal static class LogEndpoint
{
    private const int DefaultLimit = 100;
    private const int MaxLimit = 1_000;

    // The loop hands out references, not copies; what is decoded and shown of an entry is bounded by itself.
    private const int MaxPieceBytes = 1024 * 1024;

    /// <summary>Answers.</summary>
    public static async Task GetAsync(Exchange exchange)
    {
        KvQuery query = exchange.ParseRead(QueryField.StartIndex | QueryField.Limit, ReadLevel.Eventual);
        int limit = query.Has(QueryField.Limit) ? query.Limit : DefaultLimit;
        if (limit > MaxLimit)
        {
            throw ApiException.Invalid($"limit must be a whole number from 1 to {MaxLimit}; nextIndex is where to go on.");
        }

        if (exchange.Terms.Level == ReadLevel.Eventual)
        {
            exchange.Observe();
        }
        else if (await exchange.ReadViewAsync() is null)
        {
            return;
        }

        EngineStatus status = exchange.Node.Status;
        LogIndex newest = status.AppliedIndex;
        LogIndex from = query.Has(QueryField.StartIndex)
            ? query.StartIndex
            : new LogIndex(Math.Max(Math.Max(1, status.FirstIndex.Value), newest.Value - limit + 1));
        IReadOnlyList<LoggedEntry> piece = await ReadAsync(exchange, from)
            ?? throw new ApiException(new ApiError(
                ErrorCode.Compacted, $"This node's log begins at index {status.FirstIndex}; what was before it is in its snapshot."));
        LogEntryBody[] entries = [.. piece.Take(limit).Select(entry => LogWords.Of(entry, exchange.Node.Members))];
        LogIndex next = from + entries.Length;
        bool hasMore = piece.Count > entries.Length || (entries.Length > 0 && next <= newest);
        LogAnswer body = new()
        {
            FirstIndex = status.FirstIndex.Value,
            AppliedIndex = Math.Max(newest.Value, entries.Length == 0 ? 0 : entries[^1].Index),
            SnapshotIndex = status.Snapshot.Index.Value,
            Entries = entries,
            NextIndex = hasMore ? next.Value : null,
        };
        await AnswerWriter.SendAsync(exchange, body, AnswerJson.Default.LogAnswer);
    }

    // The loop answers between two rounds; one that has stopped never does.
    private static async Task<IReadOnlyList<LoggedEntry>?> ReadAsync(Exchange exchange, LogIndex from)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(exchange.ClientGone);
        patience.CancelAfter(exchange.TimeLeft > TimeSpan.Zero ? exchange.TimeLeft : TimeSpan.Zero);
        try
        {
            return await exchange.Node.LookIntoLogAsync(from, MaxPieceBytes, patience.Token);
        }
        catch (OperationCanceledException) when (!exchange.ClientGone.IsCancellationRequested)
        {
            throw new ApiException(new ApiError(
                ErrorCode.ShuttingDown, "This node stops, or can't look into its log in time. Ask another one."));
        }
    }
}
