using RaftKv.Contract.Bodies;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Doors.Http;
using RaftKv.Doors.Http.Terms;
using RaftKv.Doors.Rest.Bodies;
using RaftKv.Service.Refusals;

namespace RaftKv.Doors.Rest.Access;

/// <summary>Roles and what they allow.</summary>
internal static class RoleEndpoints
{
    /// <summary>GET /auth/roles.</summary>
    public static async Task ListAsync(Exchange exchange)
    {
        exchange.ParseRead(QueryField.None);
        if (await exchange.ReadViewAsync() is { } view)
        {
            RoleListAnswer body = new() { Roles = [.. view.ListRoles().Select(AuthParts.TextOf)] };
            await AnswerWriter.SendAsync(exchange, body, AnswerJson.Default.RoleListAnswer);
        }
    }

    /// <summary>POST /auth/roles.</summary>
    public static async Task AddAsync(Exchange exchange)
    {
        AuthParts.BeginChange(exchange);
        RoleNameBody body = (await BodyReader.ReadJsonAsync(exchange.Http.Request, RequestJson.Default.RoleNameBody))!;
        await AuthParts.ChangeAsync(exchange, new AddRole(AuthParts.NameOf(body.Role)));
    }

    /// <summary>GET /auth/roles/{name}.</summary>
    public static async Task GetAsync(Exchange exchange)
    {
        exchange.ParseRead(QueryField.None);
        byte[] name = AuthParts.NameIn(exchange);
        if (await exchange.ReadViewAsync() is not { } view)
        {
            return;
        }

        await (view.GetRole(name) is { } role
            ? AnswerWriter.SendAsync(exchange, AuthParts.BodyOf(role), AnswerJson.Default.RoleAnswer)
            : ProblemWriter.SendAsync(exchange, ErrorMapper.FromStore(CommandStatus.RoleNotFound)));
    }

    /// <summary>DELETE /auth/roles/{name}.</summary>
    public static Task RemoveAsync(Exchange exchange)
    {
        AuthParts.BeginChange(exchange);
        return AuthParts.ChangeAsync(exchange, new RemoveRole(AuthParts.NameIn(exchange)));
    }

    /// <summary>POST /auth/roles/{name}/grant.</summary>
    public static async Task GrantAsync(Exchange exchange)
    {
        AuthParts.BeginChange(exchange);
        KeyGrantBody body = await ReadAsync(exchange);
        await AuthParts.ChangeAsync(exchange, new GrantKeys(AuthParts.NameIn(exchange), KeysOf(body), AuthParts.RightsOf(body.Rights)));
    }

    /// <summary>POST /auth/roles/{name}/revoke.</summary>
    public static async Task RevokeAsync(Exchange exchange)
    {
        AuthParts.BeginChange(exchange);
        KeyGrantBody body = await ReadAsync(exchange);
        if (body.Rights is not null)
        {
            throw ApiException.Invalid("A revoke takes all rights over exactly these keys; to keep some, grant those.");
        }

        await AuthParts.ChangeAsync(exchange, new RevokeKeys(AuthParts.NameIn(exchange), KeysOf(body)));
    }

    /// <summary>PUT /auth/roles/{name}/operations.</summary>
    public static async Task SetOperationsAsync(Exchange exchange)
    {
        AuthParts.BeginChange(exchange);
        OperationsBody body = (await BodyReader.ReadJsonAsync(exchange.Http.Request, RequestJson.Default.OperationsBody))!;
        await AuthParts.ChangeAsync(exchange, new SetOperations(AuthParts.NameIn(exchange), AuthParts.OperationsOf(body.Operations)));
    }

    private static async ValueTask<KeyGrantBody> ReadAsync(Exchange exchange) =>
        (await BodyReader.ReadJsonAsync(exchange.Http.Request, RequestJson.Default.KeyGrantBody))!;

    private static KeyRange KeysOf(KeyGrantBody body)
    {
        KeyRange keys = KeyForm.Range(body.Key, body.Prefix, body.Start, body.End, body.KeyEncoding);
        return AccessKeys.IsGrantable(keys)
            ? keys
            : throw ApiException.Invalid($"The range is empty, or a bound has more than {KvLimits.MaxGrantKeyBytes} bytes.");
    }
}
