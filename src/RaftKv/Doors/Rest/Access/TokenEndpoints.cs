using System.Buffers.Text;
using System.Text;
using RaftKv.Contract;
using RaftKv.Contract.Bodies;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Rights;
using RaftKv.Doors.Http;
using RaftKv.Doors.Http.Terms;
using RaftKv.Service.Access;
using RaftKv.Service.Refusals;
using RaftKv.Service.Writes;

namespace RaftKv.Doors.Rest.Access;

/// <summary>Tokens that are listed and revoked: everybody's own, and for root all.</summary>
internal static class TokenEndpoints
{
    /// <summary>GET /auth/tokens.</summary>
    public static async Task ListAsync(Exchange exchange)
    {
        exchange.ParseRead(QueryField.None);
        if (await exchange.ReadViewAsync() is not { } view)
        {
            return;
        }

        bool isRoot = exchange.Access.IsRoot(view);
        IEnumerable<TokenInfo> shown = view.ListTokens().Where(token => isRoot || AuthParts.TextOf(token.User) == exchange.User);
        TokenListAnswer body = new() { Tokens = [.. shown.Select(BodyOf)] };
        await AnswerWriter.SendAsync(exchange, body, AnswerJson.Default.TokenListAnswer);
    }

    /// <summary>POST /auth/tokens: shown once, and never again.</summary>
    public static async Task AddAsync(Exchange exchange)
    {
        AuthParts.BeginChange(exchange);
        TokenBody? body = await BodyReader.ReadJsonAsync(exchange.Http.Request, RequestJson.Default.TokenBody, mayBeEmpty: true);
        byte[] user = AuthParts.NameOf(body?.User ?? exchange.User);
        byte[] label = Encoding.UTF8.GetBytes(body?.Label ?? "");
        if (label.Length > KvLimits.MaxTokenLabelBytes)
        {
            throw ApiException.Invalid($"A label has at most {KvLimits.MaxTokenLabelBytes} bytes.");
        }

        long nowMs = exchange.Context.Time.GetUtcNow().ToUnixTimeMilliseconds();
        long endMs = EndOf(body?.Ttl, nowMs);
        if (exchange.Access.Caller.EndsMs is > 0 and var ownEndMs && (endMs == 0 || endMs > ownEndMs))
        {
            // Else a token that ends could be made into one that never does.
            throw ApiException.Invalid(
                "Who shows a token that ends can't make one that lasts longer: give a shorter ttl, or use the password.");
        }

        (string text, AddToken change) = ApiTokens.Make(user, label, nowMs, endMs);
        WriteOutcome end = await exchange.Service.Writer.WriteAsync(exchange, new ChangeAccessCommand(change), WriteRules.Plain);
        if (end.Error is { } error)
        {
            await ProblemWriter.SendAsync(exchange, error);
            return;
        }

        TokenMadeAnswer made = new() { Token = text, Id = IdOf(change.Id), User = AuthParts.TextOf(user) };
        await AnswerWriter.SendAsync(exchange, made, AnswerJson.Default.TokenMadeAnswer, SuccessStatus.Created);
    }

    /// <summary>DELETE /auth/tokens/{id}.</summary>
    public static Task RemoveAsync(Exchange exchange)
    {
        AuthParts.BeginChange(exchange);
        string id = exchange.PathTail.ToString();
        byte[]? bytes = Base64Url.IsValid(id) ? Base64Url.DecodeFromChars(id) : null;
        return bytes?.Length == KvLimits.TokenIdBytes
            ? AuthParts.ChangeAsync(exchange, new RemoveToken(bytes))
            : throw ApiException.Invalid("A token's id is the text that the list shows.");
    }

    private static long EndOf(string? ttl, long nowMs) => ttl is null ? 0
        : Durations.TryParseTtl(ttl, out long ms) ? nowMs + ms
        : throw ApiException.Invalid($"ttl must be {Durations.Form}.");

    private static string IdOf(ReadOnlyMemory<byte> id) => Base64Url.EncodeToString(id.Span);

    private static TokenEntryBody BodyOf(TokenInfo token) => new()
    {
        Id = IdOf(token.Id),
        User = AuthParts.TextOf(token.User),
        Label = AuthParts.TextOf(token.Label),
        CreatedMs = token.CreatedMs,
        ExpiresMs = token.ExpiresMs == 0 ? null : token.ExpiresMs,
    };
}
