using System.Globalization;
using RaftKv.Security.Jwt;

namespace RaftKv.Hosting;

/// <summary>The settings of tokens of an OpenID Connect issuer.</summary>
internal static class JwtSettings
{
    private static readonly JwtSetup _defaults = new();

    /// <summary>All of them, in the order of the help.</summary>
    public static IReadOnlyList<NodeSetting> All { get; } =
    [
        Text("auth-jwt-issuer", "URL", "whose JSON Web Tokens are taken, as they name it; its keys are asked for there (default: nobody's)",
            static o => o.Issuer, static (o, text) => o with { Issuer = text }),
        List("auth-jwt-audience", "NAME,...", "for whom a token must be; one of these",
            static o => o.Audiences, static (o, texts) => o with { Audiences = texts }),
        Text("auth-jwt-jwks", "FILE", "the issuer's keys, a JWK set, in place of asking it",
            static o => o.KeysFile, static (o, text) => o with { KeysFile = text }),
        Text("auth-jwt-user-claim", "CLAIM", "the claim that is the user's name (default sub)",
            static o => o.UserClaim, static (o, text) => o with { UserClaim = text ?? _defaults.UserClaim }),
        Text("auth-jwt-user-prefix", "TEXT", "what is put before that name (default: nothing)",
            static o => o.UserPrefix, static (o, text) => o with { UserPrefix = text ?? _defaults.UserPrefix }),
        List("auth-jwt-map", "CLAIM:VALUE=USER", "whoever has this value in this claim is this user; the first that holds counts",
            static o => o.Mappings, static (o, texts) => o with { Mappings = texts }),
        Text("auth-jwt-skew-seconds", "N", "how far the issuer's clock may be from this node's (default 30)",
            static o => o.SkewSeconds, static (o, text) => o with { SkewSeconds = text ?? _defaults.SkewSeconds }),
    ];

    /// <summary>Judges tokens as valid options say; null when no issuer is named.</summary>
    public static JwtJudge? JudgeOf(NodeOptions options, ILogger logger) => options.Jwt.Issuer is not { } issuer ? null : new JwtJudge(
        new JwtOptions
        {
            Issuer = issuer,
            Audiences = options.Jwt.Audiences,
            KeysFile = options.Jwt.KeysFile,
            UserClaim = options.Jwt.UserClaim,
            UserPrefix = options.Jwt.UserPrefix,
            Mappings = [.. options.Jwt.Mappings.Select(static line => MappingOf(line)!.Value)],
            Skew = TimeSpan.FromSeconds(SkewOf(options.Jwt)!.Value),
        },
        TimeProvider.System,
        logger);

    /// <summary>What is wrong with them together, a sentence each.</summary>
    public static IEnumerable<string> ProblemsOf(JwtSetup setup)
    {
        if (setup.Issuer is not { } issuer)
        {
            bool isSilent = setup == _defaults with { Audiences = setup.Audiences, Mappings = setup.Mappings };
            if (!isSilent || setup.Audiences.Count + setup.Mappings.Count > 0)
            {
                yield return "--auth-jwt-…: they go with --auth-jwt-issuer, which says whose tokens are meant.";
            }

            yield break;
        }

        if (setup.KeysFile is null && !(Uri.TryCreate(issuer, UriKind.Absolute, out Uri? url) && JwtKeys.IsSafe(url)))
        {
            yield return $"--auth-jwt-issuer: \"{issuer}\" is no https address to ask for keys; give one, or --auth-jwt-jwks.";
        }

        if (setup.Audiences.Count == 0)
        {
            yield return "--auth-jwt-audience: name for whom a token must be; else every token of the issuer would do.";
        }

        if (setup.KeysFile is { } path && !File.Exists(path))
        {
            yield return $"--auth-jwt-jwks: there is no file {path}.";
        }

        if (setup.Mappings.FirstOrDefault(static line => MappingOf(line) is null) is { } unreadable)
        {
            yield return $"--auth-jwt-map: \"{unreadable}\" should look like groups:admins=ops.";
        }

        if (SkewOf(setup) is null)
        {
            yield return $"--auth-jwt-skew-seconds: \"{setup.SkewSeconds}\" is out of range; use 0 to 300.";
        }
    }

    private static JwtMapping? MappingOf(string line)
    {
        int colon = line.IndexOf(':', StringComparison.Ordinal);
        int equals = line.LastIndexOf('=');
        return colon > 0 && equals > colon + 1 && equals < line.Length - 1
            ? new JwtMapping(line[..colon], line[(colon + 1)..equals], line[(equals + 1)..])
            : null;
    }

    private static int? SkewOf(JwtSetup setup) =>
        int.TryParse(setup.SkewSeconds, NumberStyles.None, CultureInfo.InvariantCulture, out int seconds) && seconds <= 300
            ? seconds : null;

    private static NodeSetting Text(
        string flag, string shape, string help, Func<JwtSetup, string?> get, Func<JwtSetup, string?, JwtSetup> set) => new()
        {
            Flag = flag,
            Shape = shape,
            Help = help,
            Read = (from, o) => o with { Jwt = set(o.Jwt, from.Text(flag)) },
            Print = o => get(o.Jwt) ?? "",
        };

    private static NodeSetting List(
        string flag, string shape, string help, Func<JwtSetup, IReadOnlyList<string>> get,
        Func<JwtSetup, IReadOnlyList<string>, JwtSetup> set) => new()
        {
            Flag = flag,
            Shape = shape,
            Help = help,
            IsList = true,
            Read = (from, o) => o with { Jwt = set(o.Jwt, from.Texts(flag)) },
            Print = o => string.Join(',', get(o.Jwt)),
        };
}

/// <summary>The settings as they were given.</summary>
internal sealed record JwtSetup
{
    /// <summary>Whose tokens are taken; null for nobody's.</summary>
    public string? Issuer { get; init; }

    /// <summary>For whom a token must be.</summary>
    public IReadOnlyList<string> Audiences { get; init; } = [];

    /// <summary>A file with the issuer's keys; null to ask for them.</summary>
    public string? KeysFile { get; init; }

    /// <summary>The claim that is the user's name.</summary>
    public string UserClaim { get; init; } = "sub";

    /// <summary>What is put before it.</summary>
    public string UserPrefix { get; init; } = "";

    /// <summary>Claims that make their bearer a certain user.</summary>
    public IReadOnlyList<string> Mappings { get; init; } = [];

    /// <summary>Seconds between two clocks.</summary>
    public string SkewSeconds { get; init; } = "30";
}
