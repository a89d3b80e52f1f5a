using RaftKv.Contract.Bodies;
using RaftKv.Core;
using RaftKv.Doors.Http;
using RaftKv.Doors.Http.Terms;
using RaftKv.Engine;
using RaftKv.Service.Members;
using RaftKv.Service.Refusals;
using ChangeBody = RaftKv.Contract.Bodies.MemberChangeAnswer;

namespace RaftKv.Doors.Rest.Admin;

/// <summary>
/// Changes of the members. Each is answered when its first step is in force for good, with 202 and where to look how far the
/// rest is; any node tells that.
/// </summary>
internal static class MemberEndpoints
{
    private const int Accepted = StatusCodes.Status202Accepted;

    // An answer to who looks must not wait long for what the leader says beside.
    private static readonly TimeSpan _lookPatience = TimeSpan.FromSeconds(1);

    /// <summary>POST /cluster/members.</summary>
    public static async Task AddAsync(Exchange exchange)
    {
        exchange.ParseWrite(QueryField.None);
        MemberAddBody body = (await BodyReader.ReadJsonAsync(exchange.Http.Request, RequestJson.Default.MemberAddBody))!;
        await RunAsync(exchange, new MemberWish { Add = [New(body)] });
    }

    /// <summary>POST /cluster/members/change: several at once.</summary>
    public static async Task ChangeAsync(Exchange exchange)
    {
        exchange.ParseWrite(QueryField.None);
        MemberChangeBody body = (await BodyReader.ReadJsonAsync(exchange.Http.Request, RequestJson.Default.MemberChangeBody))!;
        var wish = new MemberWish
        {
            Add = [.. (body.Add ?? []).Select(New)],
            Promote = Ids(exchange, body.Promote),
            Demote = Ids(exchange, body.Demote),
            Remove = Ids(exchange, body.Remove),
        };
        MemberEnd end = await exchange.Service.Members.RunAsync(exchange, wish);
        if (end.Error is { } error)
        {
            await ProblemWriter.SendAsync(exchange, error);
            return;
        }

        exchange.Observe();
        ChangeBody answer = new() { Operations = [.. end.Operations.Select(it => MemberAnswers.Of(exchange.Node, it, null))] };
        await AnswerWriter.SendAsync(exchange, answer, AnswerJson.Default.MemberChangeAnswer, Accepted);
    }

    /// <summary>DELETE /cluster/members/{id}.</summary>
    public static Task RemoveAsync(Exchange exchange)
    {
        exchange.ParseWrite(QueryField.None);
        return RunAsync(exchange, new MemberWish { Remove = [Find(exchange).Id] });
    }

    /// <summary>POST /cluster/members/{id}/promote: at once, or as soon as it has caught up.</summary>
    public static Task PromoteAsync(Exchange exchange)
    {
        exchange.ParseWrite(QueryField.None);
        return RunAsync(exchange, new MemberWish { Promote = [Find(exchange).Id], PromotesWhenReady = true });
    }

    /// <summary>POST /cluster/members/{id}/demote.</summary>
    public static Task DemoteAsync(Exchange exchange)
    {
        exchange.ParseWrite(QueryField.None);
        return RunAsync(exchange, new MemberWish { Demote = [Find(exchange).Id] });
    }

    /// <summary>POST /cluster/members/{id}/replace.</summary>
    public static async Task ReplaceAsync(Exchange exchange)
    {
        exchange.ParseWrite(QueryField.None);
        MemberInfo old = Find(exchange);
        MemberReplaceBody body = HasBody(exchange)
            ? (await BodyReader.ReadJsonAsync(exchange.Http.Request, RequestJson.Default.MemberReplaceBody))!
            : new MemberReplaceBody();
        string name = body.Name is null ? old.Name : MemberRules.RequireName(body.Name);
        string peerUrl = body.PeerUrl is null && name == old.Name ? old.PeerUrl : MemberRules.RequirePeerUrl(body.PeerUrl);
        await RunAsync(exchange, new MemberWish { Add = [new NewMember(name, peerUrl, Replaces: old.Id)] });
    }

    /// <summary>PATCH /cluster/members/{id}.</summary>
    public static async Task PatchAsync(Exchange exchange)
    {
        exchange.ParseWrite(QueryField.None);
        MemberPatchBody body = (await BodyReader.ReadJsonAsync(exchange.Http.Request, RequestJson.Default.MemberPatchBody))!;
        if (body is { Name: null, PeerUrl: null, Zone: null, Priority: null })
        {
            throw ApiException.Invalid("Give name, peerUrl, zone or priority, or several of them.");
        }

        var edit = new MemberEdit(
            Find(exchange).Id, body.Name is null ? null : MemberRules.RequireName(body.Name),
            body.PeerUrl is null ? null : MemberRules.RequirePeerUrl(body.PeerUrl))
        {
            Zone = body.Zone is null ? null : MemberRules.RequireZone(body.Zone),
            Priority = body.Priority is null ? null : MemberRules.RequirePriority(body.Priority.Value),
        };
        await RunAsync(exchange, new MemberWish { Update = [edit] });
    }

    /// <summary>POST /cluster/members/{id}/lead: the leader does it, whoever is asked.</summary>
    public static async Task LeadAsync(Exchange exchange)
    {
        exchange.ParseWrite(QueryField.None);
        MemberRules.RequirePlain(exchange.Terms);
        MemberInfo target = Find(exchange);
        EngineStatus status = exchange.Node.Status;
        if (status.Role == Role.Leader || !await PassOnAsync(exchange, status.Leader))
        {
            await TellAsync(exchange, await exchange.Service.HandOver.TransferAsync(exchange, target));
        }
    }

    /// <summary>POST /cluster/members/{id}/drain: the node itself does it, whoever is asked.</summary>
    public static async Task DrainAsync(Exchange exchange)
    {
        KvQuery query = exchange.ParseWrite(QueryField.Force);
        MemberRules.RequirePlain(exchange.Terms);
        MemberInfo target = Find(exchange);
        if (target.IsSelf)
        {
            await TellAsync(exchange, await exchange.Service.HandOver.DrainAsync(exchange, query.IsForced));
        }
        else if (!await PassOnAsync(exchange, target.Id))
        {
            await ProblemWriter.SendAsync(exchange, MemberErrors.NoAddress());
        }
    }

    /// <summary>GET /operations/{id} of a member's: how far it is.</summary>
    public static async Task OperationAsync(Exchange exchange)
    {
        exchange.ParseRead(QueryField.None);
        MemberOperation operation = MemberOperation.Parse(exchange.PathTail)
            ?? throw ApiException.Invalid("The id of a member's operation is member-VERB-ID, as the Location of a 202 showed it.");
        if (await exchange.ReadViewAsync() is null)
        {
            return;
        }

        MemberProgress? progress = await exchange.Node.ProgressOfAsync(operation.Member, _lookPatience, exchange.ClientGone);
        await AnswerWriter.SendAsync(exchange, MemberAnswers.Of(exchange.Node, operation, progress), AnswerJson.Default.OperationAnswer);
    }

    // False, with nothing sent, when it was passed on once already, or nobody knows where that node is.
    private static async Task<bool> PassOnAsync(Exchange exchange, NodeId member)
    {
        MemberInfo? known = exchange.Node.Members.FirstOrDefault(other => other.Id == member && !other.IsSelf);
        if (exchange.Terms.IsForwarded || !Uri.TryCreate(known?.ClientUrl, UriKind.Absolute, out Uri? at))
        {
            return false;
        }

        if (!await exchange.TryForwardAsync(at))
        {
            await ProblemWriter.SendAsync(exchange, MemberErrors.AnswerLost());
        }

        return true;
    }

    private static async Task TellAsync(Exchange exchange, ApiError? refusal)
    {
        if (refusal is not null)
        {
            await ProblemWriter.SendAsync(exchange, refusal);
            return;
        }

        exchange.Observe();
        EngineStatus status = exchange.Node.Status;
        var body = new HandOverAnswer
        {
            Node = exchange.Node.Identity.Name,
            Phase = StatusBodies.PhaseName(exchange.Node.Phase),
            Term = status.Term.Value,
            Leader = StatusBodies.LeaderOf(exchange.Node, status),
        };
        await AnswerWriter.SendAsync(exchange, body, AnswerJson.Default.HandOverAnswer);
    }

    private static async Task RunAsync(Exchange exchange, MemberWish wish)
    {
        MemberEnd end = await exchange.Service.Members.RunAsync(exchange, wish);
        if (end.Error is { } error)
        {
            await ProblemWriter.SendAsync(exchange, error);
            return;
        }

        exchange.Observe();
        OperationAnswer body = MemberAnswers.Of(exchange.Node, end.Operations[0], progress: null);
        exchange.Http.Response.Headers.Location = "/api/v1/operations/" + body.Id;
        await AnswerWriter.SendAsync(exchange, body, AnswerJson.Default.OperationAnswer, Accepted);
    }

    private static NewMember New(MemberAddBody body) => new(
        MemberRules.RequireName(body.Name), MemberRules.RequirePeerUrl(body.PeerUrl), body.Learner == true);

    private static MemberInfo Find(Exchange exchange) =>
        MemberRules.Require(exchange.Node, Uri.UnescapeDataString(exchange.PathTail.ToString()));

    private static IReadOnlyList<NodeId> Ids(Exchange exchange, IReadOnlyList<string>? names) =>
        [.. (names ?? []).Select(name => MemberRules.Require(exchange.Node, name).Id)];

    private static bool HasBody(Exchange exchange) =>
        exchange.Http.Request.ContentLength is > 0 || exchange.Http.Request.Headers.TransferEncoding.Count > 0;
}
