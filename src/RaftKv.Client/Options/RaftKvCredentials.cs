using System.Net.Http.Headers;
using System.Text;

namespace RaftKv.Client;

/// <summary>Says to the cluster who calls; see <see cref="RaftKvClientOptions.Credentials"/>. Any thread.</summary>
public sealed class RaftKvCredentials
{
    private readonly AuthenticationHeaderValue? _fixed;
    private readonly Func<CancellationToken, ValueTask<AuthenticationHeaderValue>>? _renew;

    private RaftKvCredentials(
        AuthenticationHeaderValue? header, Func<CancellationToken, ValueTask<AuthenticationHeaderValue>>? renew)
    {
        _fixed = header;
        _renew = renew;
    }

    /// <summary>A user's name and password, sent with each call: use https.</summary>
    /// <param name="user">Without a colon.</param>
    /// <param name="password">The password.</param>
    public static RaftKvCredentials Password(string user, string password)
    {
        ThrowUnlessBasic(user);
        ArgumentNullException.ThrowIfNull(password);
        return new(BasicOf(user, password), renew: null);
    }

    /// <summary>
    /// A user's password that is asked for when it is needed, and again when the cluster does not take it any more, so that it can
    /// be changed under a client that keeps calling. Use https.
    /// </summary>
    /// <param name="user">Without a colon.</param>
    /// <param name="password">By one call at a time; others that wait for it take what it gave.</param>
    public static RaftKvCredentials FromPasswords(string user, Func<CancellationToken, ValueTask<string>> password)
    {
        ThrowUnlessBasic(user);
        ArgumentNullException.ThrowIfNull(password);
        return new(header: null, async cancelled => BasicOf(user, await password(cancelled).ConfigureAwait(false)));
    }

    /// <summary>A token of a login, or one of those that are listed and revoked.</summary>
    public static RaftKvCredentials Token(string token)
    {
        ArgumentException.ThrowIfNullOrEmpty(token);
        return new(new AuthenticationHeaderValue("Bearer", token), renew: null);
    }

    /// <summary>
    /// A token that is asked for when it is needed, and again when the cluster does not take it any more: one of a login, or
    /// a JSON Web Token of an issuer.
    /// </summary>
    /// <param name="token">By one call at a time; others that wait for it take what it gave.</param>
    public static RaftKvCredentials FromTokens(Func<CancellationToken, ValueTask<string>> token)
    {
        ArgumentNullException.ThrowIfNull(token);
        return new(header: null, async cancelled =>
            new AuthenticationHeaderValue("Bearer", await token(cancelled).ConfigureAwait(false)));
    }

    /// <summary>No secret.</summary>
    public override string ToString() => _fixed?.Scheme ?? "renewed";

    /// <summary>The header for a call; null for none that is known at once.</summary>
    internal AuthenticationHeaderValue? Fixed => _fixed;

    /// <summary>Asks for a new header; the fixed one where there is one.</summary>
    internal ValueTask<AuthenticationHeaderValue> RenewAsync(CancellationToken cancellationToken) =>
        _renew is null ? ValueTask.FromResult(_fixed!) : _renew(cancellationToken);

    private static void ThrowUnlessBasic(string user)
    {
        ArgumentException.ThrowIfNullOrEmpty(user);
        if (user.Contains(':', StringComparison.Ordinal))
        {
            throw new ArgumentException("A user's name with a colon can't be sent with its password; use a token.", nameof(user));
        }
    }

    private static AuthenticationHeaderValue BasicOf(string user, string password) =>
        new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}")));
}
