using RaftKv.Doors.Http;

namespace RaftKv.Hosting;

/// <summary>The rows of TLS in the table of settings, and what must hold between them.</summary>
internal static class TlsSettings
{
    /// <summary>All of them, in the order of the help.</summary>
    /// <remarks>Made when it is asked for, once, by the whole table: that table's own class helps to make it.</remarks>
    public static IReadOnlyList<NodeSetting> All =>
    [
        File("tls-cert", "certificate of the clients' port, PEM, with the chain behind it; for --client https://…",
            static o => o.Certificate, static (o, path) => o with { Certificate = path }),
        File("tls-key", "its private key, PEM, not encrypted",
            static o => o.Key, static (o, path) => o with { Key = path }),
        File("tls-ca", "roots for certificates of clients, and of other nodes when this one calls them",
            static o => o.Authority, static (o, path) => o with { Authority = path }),
        File("tls-crl", "revoked certificates of clients: lists signed by those roots, PEM",
            static o => o.Revoked, static (o, path) => o with { Revoked = path }),
        Choice("tls-client-auth", ["off", "request", "require"], "certificates of clients",
            static o => o.ClientAuth, static (o, word) => o with { ClientAuth = word }),
        Choice("tls-client-name", ["cn", "dns", "email", "uri"], "which name of a client's certificate is its user",
            static o => o.UserFrom, static (o, word) => o with { UserFrom = word }),
        File("peer-tls-cert", "certificate of the peers' port, PEM; one of its DNS names must be --name",
            static o => o.PeerCertificate, static (o, path) => o with { PeerCertificate = path }),
        File("peer-tls-key", "its private key, PEM, not encrypted",
            static o => o.PeerKey, static (o, path) => o with { PeerKey = path }),
        File("peer-tls-ca", "roots for certificates of members",
            static o => o.PeerAuthority, static (o, path) => o with { PeerAuthority = path }),
        File("peer-tls-crl", "revoked certificates of members: lists signed by those roots, PEM",
            static o => o.PeerRevoked, static (o, path) => o with { PeerRevoked = path }),
        Choice("peer-tls-mode", ["required", "mixed"], "mixed speaks to peers without TLS too, while a cluster goes over to it",
            static o => o.PeerMode, static (o, word) => o with { PeerMode = word }),
        new()
        {
            Flag = "cors", Shape = "ORIGIN,...", IsList = true,
            Help = "web pages that may call the API from browsers, or * for all (default: none of other sites)",
            Read = static (from, o) => o with { AllowedOrigins = from.Texts("cors") },
            Print = static o => string.Join(',', o.AllowedOrigins),
            Check = static o => o.AllowedOrigins.Select(OriginGuard.ProblemOf).FirstOrDefault(static problem => problem is not null),
        },
        new()
        {
            Flag = "insecure", Shape = "", IsSwitch = true,
            Help = "serve without TLS beyond this machine",
            Read = static (from, o) => o with { Tls = o.Tls with { IsInsecure = from.Switch("insecure") } },
            Print = static o => o.Tls.IsInsecure ? "true" : "false",
        },
    ];

    /// <summary>Adds what is wrong with them together, a sentence each.</summary>
    public static void Validate(NodeOptions options, List<string> problems)
    {
        TlsOptions tls = options.Tls;
        if (tls.Certificate is null != tls.Key is null)
        {
            problems.Add("--tls-cert and --tls-key: one is the certificate, the other its key; give both.");
        }

        if (tls.Certificate is null && options.ClientUrls.FirstOrDefault(static url => url.IsTls) is { } clear)
        {
            problems.Add($"--client: {clear} asks for TLS; give its certificate with --tls-cert and --tls-key.");
        }

        if (tls.Certificate is not null && options.ClientUrls.All(static url => !url.IsTls))
        {
            problems.Add("--tls-cert: no address of --client begins with https://, so nobody would be served with it.");
        }

        if (tls.ClientAuth != "off" && tls.Authority is null)
        {
            problems.Add($"--tls-client-auth {tls.ClientAuth}: certificates of clients are judged by the roots of --tls-ca; give it.");
        }

        if ((tls.Revoked is not null && tls.Authority is null) || (tls.PeerRevoked is not null && tls.PeerAuthority is null))
        {
            problems.Add("--tls-crl and --peer-tls-crl: a list of revoked certificates goes with the roots that signed it; give them too.");
        }

        ValidatePeers(options, problems);
        ValidateReach(options, problems);
    }

    private static void ValidatePeers(NodeOptions options, List<string> problems)
    {
        TlsOptions tls = options.Tls;
        int given = new[] { tls.PeerCertificate, tls.PeerKey, tls.PeerAuthority }.Count(static file => file is not null);
        if (given is 1 or 2)
        {
            problems.Add("--peer-tls-cert, --peer-tls-key and --peer-tls-ca: members show certificates to each other; give all three.");
        }

        if (given == 0 && options.EffectivePeerUrl.IsTls)
        {
            problems.Add($"--peer: {options.EffectivePeerUrl} asks for TLS; give --peer-tls-cert, --peer-tls-key and --peer-tls-ca.");
        }
    }

    // What is not protected must not be reachable by accident.
    private static void ValidateReach(NodeOptions options, List<string> problems)
    {
        if (options.Tls.IsInsecure)
        {
            return;
        }

        if (options.ClientUrls.FirstOrDefault(static url => !url.IsTls && !url.IsLoopback) is { } open)
        {
            problems.Add($"--client: {open} is beyond this machine and without TLS, so that anybody on the way could read and change all;"
                + " use https:// with --tls-cert and --tls-key, or say --insecure.");
        }

        bool isProtected = options.Tls.PeerFiles is not null && !options.Tls.IsMixed;
        if (!isProtected && !options.EffectivePeerUrl.IsLoopback)
        {
            string how = options.Tls.IsMixed ? "may be spoken to" : "is";
            problems.Add($"--peer: {options.EffectivePeerUrl} is beyond this machine and {how} without TLS,"
                + " so that anybody who reaches it could pass for a member; give --peer-tls-cert, --peer-tls-key and"
                + " --peer-tls-ca, or say --insecure.");
        }
    }

    private static NodeSetting File(
        string flag, string help, Func<TlsOptions, string?> get, Func<TlsOptions, string, TlsOptions> set) => new()
        {
            Flag = flag,
            Shape = "FILE",
            Help = help,
            Read = (from, o) => from.Text(flag) is { } path ? o with { Tls = set(o.Tls, path) } : o,
            Print = o => get(o.Tls) is { } path ? Path.GetFullPath(path) : "",
        };

    private static NodeSetting Choice(
        string flag, string[] words, string help, Func<TlsOptions, string> get, Func<TlsOptions, string, TlsOptions> set) =>
        NodeSettings.Choice(flag, words, help, o => get(o.Tls), (o, word) => o with { Tls = set(o.Tls, word) });
}
