using System.Collections.Concurrent;
using System.Net;
using System.Text;
using RaftKv.Core.Calls;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Rights;
using RaftKv.Node;
using RaftKv.Security.Jwt;
using RaftKv.Service.Refusals;
using RaftKv.Service.Sessions;

namespace RaftKv.Service.Access;

/// <summary>
/// Who callers are and what they may do, by what this node has applied. Rights are kept as long as their revision stays. Any
/// thread.
/// </summary>
internal sealed class AccessDesk
{
    // How long a login lasts after its last use here.
    private static readonly TimeSpan _loginLife = TimeSpan.FromHours(24);

    // For the newest users and tokens; without a leader those that are known here have to do.
    private static readonly TimeSpan _barrierPatience = TimeSpan.FromSeconds(5);

    private readonly INode _node;
    private readonly Func<ClusterKeys?> _keys;
    private readonly JwtJudge? _jwt;
    private readonly TimeProvider _time;
    private readonly LoginUses _uses = new(_loginLife);
    private Known _known = new(0);

    /// <param name="keys">What the node signs with; null until it has heard of its cluster's key.</param>
    /// <param name="passwordTurns">How often a new password is turned before it is kept.</param>
    /// <param name="jwt">Judges tokens of an issuer elsewhere; null where none is taken.</param>
    public AccessDesk(INode node, TimeProvider time, Func<ClusterKeys?> keys, int passwordTurns, JwtJudge? jwt = null)
    {
        _jwt = jwt;
        _node = node;
        _time = time;
        _keys = keys;
        Passwords = new PasswordDesk(time, passwordTurns);
    }

    /// <summary>Where passwords are hashed and checked.</summary>
    public PasswordDesk Passwords { get; }

    /// <summary>True while rights are in force, as far as this node knows.</summary>
    public bool IsOn => _node.View.Access.IsEnabled;

    /// <summary>The newer of a view and what this node has published.</summary>
    public StoreView NewestOf(StoreView view) => _node.View is { } newest && newest.AppliedIndex > view.AppliedIndex ? newest : view;

    /// <summary>What a caller may do by a view. Nothing once the proof that it showed is void.</summary>
    public UserRights RightsOf(StoreView view, Caller caller)
    {
        if (caller.EndsMs != 0 && _time.GetUtcNow().ToUnixTimeMilliseconds() >= caller.EndsMs)
        {
            return UserRights.None;
        }

        Known known = Volatile.Read(ref _known);
        long revision = view.Access.Revision;
        if (known.Revision < revision)
        {
            // A race makes them twice and keeps either: both are right.
            Volatile.Write(ref _known, known = new Known(revision));
        }

        if (known.Revision > revision)
        {
            return Join(view, caller);
        }

        if (!known.Rights.TryGetValue(caller.Key, out UserRights? rights))
        {
            rights = Join(view, caller);
            known.Add(caller.Key, rights);
        }

        return rights;
    }

    /// <summary>Finds out who calls.</summary>
    /// <param name="from">Where the call comes from; wrong passwords are counted by it.</param>
    /// <exception cref="ApiException">What was shown does not prove it.</exception>
    public ValueTask<Caller> IdentifyAsync(Credentials? shown, IPAddress? from) => shown switch
    {
        null => ValueTask.FromResult(Caller.Anonymous),
        CertificateCredentials certificate => ValueTask.FromResult(new Caller(certificate.User, CallerProof.Certificate, 0)),
        PasswordCredentials password => ByPasswordAsync(password, from),
        TokenCredentials token => ByTokenAsync(token.Token),
        _ => throw new ApiException(AccessErrors.BadToken()),
    };

    /// <summary>Checks a password anew and gives the token of a login.</summary>
    public async ValueTask<string> LoginAsync(PasswordCredentials shown, IPAddress? from)
    {
        Caller caller = await ByPasswordAsync(shown, from);
        return TokenOf(caller.Name, caller.CredentialRevision);
    }

    /// <summary>A token by which another node knows the caller of a call that is passed on.</summary>
    public string? TokenOf(Caller caller) =>
        caller.IsAnonymous || _node.View.GetUser(caller.Principal.Span) is not { } user
            ? null
            : TokenOf(caller.Name, user.CredentialRevision);

    private string TokenOf(string name, long credentialRevision) => LoginTokens.Make(
        _keys() ?? throw new ApiException(ErrorMapper.NoClusterKey("tokens")), name, credentialRevision,
        _time.GetUtcNow().ToUnixTimeMilliseconds());

    private async ValueTask<Caller> ByPasswordAsync(PasswordCredentials shown, IPAddress? from)
    {
        byte[] name = Encoding.UTF8.GetBytes(shown.User);
        UserInfo? user = _node.View.GetUser(name);
        if (user is not null && Passwords.IsKnown(user, shown.Password))
        {
            return new Caller(shown.User, CallerProof.Password, user.CredentialRevision);
        }

        user = (await NewestAsync()).GetUser(name);
        bool isRight = await Passwords.CheckAsync(name, user, shown.Password, from);

        // What was checked may have changed meanwhile: a password that was changed proves nothing.
        return isRight && _node.View.GetUser(name)?.CredentialRevision == user!.CredentialRevision
            ? new Caller(shown.User, CallerProof.Password, user.CredentialRevision)
            : throw new ApiException(AccessErrors.BadPassword());
    }

    private async ValueTask<Caller> ByTokenAsync(string text) =>
        _jwt is not null && JwtJudge.IsShaped(text) ? await ByJwtAsync(_jwt, text)
        : ByToken(_node.View, text) ?? ByToken(await NewestAsync(), text) ?? throw new ApiException(AccessErrors.BadToken());

    private static async ValueTask<Caller> ByJwtAsync(JwtJudge jwt, string text)
    {
        JwtVerdict verdict = await jwt.JudgeAsync(text);
        return verdict.User is { } user
            ? new Caller(user, CallerProof.Jwt, 0) { EndsMs = verdict.EndsMs }
            : throw new ApiException(verdict.HasNoKeys ? AccessErrors.NoIssuer() : AccessErrors.BadToken());
    }

    private Caller? ByToken(StoreView view, string text)
    {
        if (text.StartsWith(ApiTokens.Prefix, StringComparison.Ordinal))
        {
            return ApiTokens.Find(view, text, _time.GetUtcNow().ToUnixTimeMilliseconds()) is { } shown
                ? new Caller(Encoding.UTF8.GetString(shown.User.Span), CallerProof.Token, 0)
                {
                    TokenId = shown.Id.ToArray(),
                    EndsMs = shown.ExpiresMs,
                }
                : null;
        }

        if (_keys() is not { } keys || LoginTokens.Read(keys, text) is not { } token)
        {
            // No other view makes it one.
            throw new ApiException(AccessErrors.BadToken());
        }

        return view.GetUser(Encoding.UTF8.GetBytes(token.User)) is { } user && user.CredentialRevision == token.CredentialRevision
            && _uses.IsAlive(text, token.IssuedMs, _time.GetUtcNow().ToUnixTimeMilliseconds())
            ? new Caller(token.User, CallerProof.Login, token.CredentialRevision)
            : null;
    }

    private async ValueTask<StoreView> NewestAsync()
    {
        ReadBarrierResult barrier = await _node.ReadBarrierAsync(_barrierPatience, CancellationToken.None);
        return barrier.IsGranted ? barrier.View! : _node.View;
    }

    private static UserRights Join(StoreView view, Caller caller)
    {
        bool isVoid = (caller.CredentialRevision != 0
                && view.GetUser(caller.Principal.Span)?.CredentialRevision != caller.CredentialRevision)
            || (caller.TokenId.Length > 0 && view.GetToken(caller.TokenId) is null);
        return isVoid ? UserRights.None : view.RightsOf(caller.Principal);
    }

    /// <summary>Rights as of one revision of them.</summary>
    private sealed class Known(long revision)
    {
        // As many as there may be users; a caller has few proofs at a time.
        private const int MaxCallers = 8_192;

        public long Revision { get; } = revision;

        public ConcurrentDictionary<string, UserRights> Rights { get; } = new(StringComparer.Ordinal);

        public void Add(string key, UserRights rights)
        {
            if (Rights.Count >= MaxCallers)
            {
                Rights.Clear();
            }

            Rights[key] = rights;
        }
    }
}
