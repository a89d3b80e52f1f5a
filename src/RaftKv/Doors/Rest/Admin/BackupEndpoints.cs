using System.Globalization;
using RaftKv.Backups;
using RaftKv.Contract.Bodies;
using RaftKv.Core.Reads;
using RaftKv.Doors.Http;
using RaftKv.Doors.Http.Terms;
using RaftKv.Service.Refusals;

namespace RaftKv.Doors.Rest.Admin;

/// <summary>POST and GET /backups, GET /backups/{id}: what the node that is asked has in its directory or object store.</summary>
internal static class BackupEndpoints
{
    private const string Path = "/api/v1/backups/";

    /// <summary>Begins one; 202 with what it is called. While one is under way, that is the answer.</summary>
    public static async Task BeginAsync(Exchange exchange)
    {
        exchange.ParseRead(QueryField.None);
        BackupDesk desk = DeskOf(exchange);
        if (await exchange.ReadViewAsync() is not { } view)
        {
            return;
        }

        BackupRun run = desk.Begin(view);
        exchange.Http.Response.Headers.Location = Path + run.Name.Id;
        await AnswerWriter.SendAsync(exchange, BodyOf(desk, run), AnswerJson.Default.BackupBody, SuccessStatus.Accepted);
    }

    /// <summary>All of them, the newest last.</summary>
    public static async Task ListAsync(Exchange exchange)
    {
        exchange.ParseRead(QueryField.None, ReadLevel.Eventual);
        exchange.Observe();
        BackupDesk? desk = exchange.Context.Options.Backups;
        BackupList body = desk is null
            ? new BackupList()
            : new BackupList
            {
                Target = desk.Target.Shown,
                EveryMs = (long?)desk.Plan.Every?.TotalMilliseconds,
                Keep = desk.Plan.Keep,
                Backups = [.. (await LookAsync(exchange, desk)).Select(run => BodyOf(desk, run))],
            };
        await AnswerWriter.SendAsync(exchange, body, AnswerJson.Default.BackupList);
    }

    /// <summary>One of them.</summary>
    public static async Task GetAsync(Exchange exchange)
    {
        exchange.ParseRead(QueryField.None, ReadLevel.Eventual);
        exchange.Observe();
        string id = exchange.PathTail.ToString();
        BackupDesk desk = DeskOf(exchange);
        BackupRun run = (await LookAsync(exchange, desk)).Find(run => run.Name.Id == id)
            ?? throw new ApiException(new ApiError(ErrorCode.NotFound, "There is no such backup here; GET /api/v1/backups lists them."));
        await AnswerWriter.SendAsync(exchange, BodyOf(desk, run), AnswerJson.Default.BackupBody);
    }

    private static BackupDesk DeskOf(Exchange exchange) => exchange.Context.Options.Backups ?? throw ApiException.Invalid(
        "This node has no place for backups: start it with --backup-to file:/DIR, or download one from /api/v1/snapshot.");

    private static async Task<List<BackupRun>> LookAsync(Exchange exchange, BackupDesk desk)
    {
        try
        {
            return await desk.ListAsync(exchange.ClientGone);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw ApiException.Invalid(
                $"The place of backups, {desk.Target.Shown}, can't be read on this node; its log says why when a backup fails.");
        }
    }

    private static BackupBody BodyOf(BackupDesk desk, BackupRun run) => new()
    {
        Id = run.Name.Id,
        State = run.State switch
        {
            BackupState.Running => BackupStates.Running,
            BackupState.Done => BackupStates.Done,
            BackupState.Failed => BackupStates.Failed,
            _ => Core.Check.Unreachable<string>(run.State),
        },
        Revision = run.Name.Revision,
        Taken = run.Name.Taken.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
        Scheduled = run.IsScheduled,
        WrittenBytes = run.WrittenBytes,
        EstimatedBytes = run.EstimatedBytes,
        Sha256 = run.Sha256,
        File = run.State == BackupState.Done ? desk.Target.Locate(run.Name.File) : null,
        Problem = run.Problem,
    };
}
