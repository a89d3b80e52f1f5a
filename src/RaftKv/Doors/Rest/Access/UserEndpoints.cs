using RaftKv.Contract.Bodies;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.Rights;
using RaftKv.Doors.Http;
using RaftKv.Doors.Http.Terms;
using RaftKv.Service.Access;
using RaftKv.Service.Refusals;

namespace RaftKv.Doors.Rest.Access;

/// <summary>The switch, logins and users.</summary>
internal static class UserEndpoints
{
    private const int MinPasswordBytes = 8;

    /// <summary>GET /auth.</summary>
    public static async Task StateAsync(Exchange exchange)
    {
        exchange.ParseRead(QueryField.None);
        if (await exchange.ReadViewAsync() is { } view)
        {
            AuthStateAnswer body = new()
            {
                Enabled = view.Access.IsEnabled,
                Revision = view.Access.Revision,
                User = exchange.User.Length > 0 ? exchange.User : null,
            };
            await AnswerWriter.SendAsync(exchange, body, AnswerJson.Default.AuthStateAnswer);
        }
    }

    /// <summary>POST /auth/enable.</summary>
    public static Task EnableAsync(Exchange exchange)
    {
        AuthParts.BeginChange(exchange);
        return AuthParts.ChangeAsync(exchange, new EnableAccess());
    }

    /// <summary>POST /auth/disable.</summary>
    public static Task DisableAsync(Exchange exchange)
    {
        AuthParts.BeginChange(exchange);
        return AuthParts.ChangeAsync(exchange, new DisableAccess());
    }

    /// <summary>POST /auth/login.</summary>
    public static async Task LoginAsync(Exchange exchange)
    {
        AuthParts.BeginChange(exchange);
        LoginBody body = (await BodyReader.ReadJsonAsync(exchange.Http.Request, RequestJson.Default.LoginBody))!;
        var shown = new PasswordCredentials(body.User ?? "", body.Password ?? "");
        try
        {
            string token = await exchange.Context.Access.LoginAsync(shown, exchange.Origin.Address);
            exchange.Observe();
            await AnswerWriter.SendAsync(exchange, new LoginAnswer { Token = token }, AnswerJson.Default.LoginAnswer);
        }
        catch (ApiException e)
        {
            await ProblemWriter.SendAsync(exchange, exchange.Refused(e.Error)!);
        }
    }

    /// <summary>GET /auth/users.</summary>
    public static async Task ListAsync(Exchange exchange)
    {
        exchange.ParseRead(QueryField.None);
        if (await exchange.ReadViewAsync() is { } view)
        {
            UserListAnswer body = new() { Users = [.. view.ListUsers().Select(BodyOf)] };
            await AnswerWriter.SendAsync(exchange, body, AnswerJson.Default.UserListAnswer);
        }
    }

    /// <summary>POST /auth/users.</summary>
    public static async Task AddAsync(Exchange exchange)
    {
        AuthParts.BeginChange(exchange);
        UserBody body = (await BodyReader.ReadJsonAsync(exchange.Http.Request, RequestJson.Default.UserBody))!;
        byte[] name = AuthParts.NameOf(body.Name);
        byte[] hash = body.Password is null ? [] : await HashAsync(exchange, body.Password);
        await AuthParts.ChangeAsync(exchange, new AddUser(name, hash));
    }

    /// <summary>GET /auth/users/{name}: root, and everybody of himself.</summary>
    public static async Task GetAsync(Exchange exchange)
    {
        exchange.ParseRead(QueryField.None);
        byte[] name = AuthParts.NameIn(exchange);
        if (await exchange.ReadViewAsync() is not { } view)
        {
            return;
        }

        ApiError? error = exchange.User != AuthParts.TextOf(name) && !exchange.Access.IsRoot(view) ? AccessErrors.NeedsRoot()
            : view.GetUser(name) is null ? ErrorMapper.FromStore(CommandStatus.UserNotFound)
            : null;
        await (exchange.Refused(error) is { } refusal
            ? ProblemWriter.SendAsync(exchange, refusal)
            : AnswerWriter.SendAsync(exchange, BodyOf(view.GetUser(name)!), AnswerJson.Default.UserAnswer));
    }

    /// <summary>DELETE /auth/users/{name}.</summary>
    public static Task RemoveAsync(Exchange exchange)
    {
        AuthParts.BeginChange(exchange);
        return AuthParts.ChangeAsync(exchange, new RemoveUser(AuthParts.NameIn(exchange)));
    }

    /// <summary>PUT /auth/users/{name}/password.</summary>
    public static async Task SetPasswordAsync(Exchange exchange)
    {
        AuthParts.BeginChange(exchange);
        byte[] name = AuthParts.NameIn(exchange);
        PasswordBody body = (await BodyReader.ReadJsonAsync(exchange.Http.Request, RequestJson.Default.PasswordBody))!;
        await AuthParts.ChangeAsync(exchange, new SetPassword(name, await HashAsync(exchange, body.Password)));
    }

    /// <summary>POST /auth/users/{name}/grant.</summary>
    public static async Task GrantAsync(Exchange exchange)
    {
        AuthParts.BeginChange(exchange);
        RoleNameBody body = (await BodyReader.ReadJsonAsync(exchange.Http.Request, RequestJson.Default.RoleNameBody))!;
        await AuthParts.ChangeAsync(exchange, new GrantRole(AuthParts.NameIn(exchange), AuthParts.NameOf(body.Role)));
    }

    /// <summary>POST /auth/users/{name}/revoke.</summary>
    public static async Task RevokeAsync(Exchange exchange)
    {
        AuthParts.BeginChange(exchange);
        RoleNameBody body = (await BodyReader.ReadJsonAsync(exchange.Http.Request, RequestJson.Default.RoleNameBody))!;
        await AuthParts.ChangeAsync(exchange, new RevokeRole(AuthParts.NameIn(exchange), AuthParts.NameOf(body.Role)));
    }

    private static ValueTask<byte[]> HashAsync(Exchange exchange, string? password) =>
        exchange.Context.Access.Passwords.HashAsync(NewPassword.Checked(password, MinPasswordBytes));

    private static UserAnswer BodyOf(UserInfo user) => new()
    {
        Name = AuthParts.TextOf(user.Name),
        HasPassword = !user.PasswordHash.IsEmpty,
        Roles = [.. user.Roles.Select(AuthParts.TextOf)],
    };
}
