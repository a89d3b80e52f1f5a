using System.Net.Http.Headers;
using System.Text;
using RaftKv.Http;
using RaftKv.Migration.Etcd;
using RaftKv.Security.Tls;

namespace RaftKv.Cli;

/// <summary>
/// Who calls, and whom he trusts: the flags that every command has which asks a node. Secrets are in files and variables:
/// what stands on a command line, everybody on the machine can read.
/// </summary>
internal static class CallerFlags
{
    /// <summary>For the help.</summary>
    public const string Help = """
          --cacert FILE       roots that the server's certificate must lead to
          --cert FILE         the caller's own certificate, where servers ask for one
          --key FILE          its key
          --token-file FILE   a file with a bearer token (else the variable RAFTKV_AUTH_TOKEN)
          --user NAME         the user, whose password is in the variable RAFTKV_PASSWORD


        """;

    private const string TokenVariable = "RAFTKV_AUTH_TOKEN";
    private const string PasswordVariable = "RAFTKV_PASSWORD";

    /// <summary>The flags.</summary>
    public static IReadOnlyList<string> Names { get; } = ["cacert", "cert", "key", "token-file", "user"];

    /// <summary>
    /// A client that calls nodes so. Throws <see cref="TlsFilesException"/> and <see cref="IOException"/> for files that can't be
    /// used, and <see cref="ArgumentException"/> with a sentence.
    /// </summary>
    public static HttpClient Open(CommandLine line, TimeSpan timeout)
    {
        var http = new HttpClient(new ResetHandler(HandlerOf(line))) { Timeout = timeout };
        http.DefaultRequestHeaders.Authorization = WhoOf(line, Environment.GetEnvironmentVariable);
        return http;
    }

    /// <summary>
    /// A client that loads backups from nodes and from elsewhere, and says only to nodes who calls. Throws as <see cref="Open"/>.
    /// </summary>
    public static HttpClient OpenForBackups(CommandLine line)
    {
        AuthenticationHeaderValue? who = WhoOf(line, Environment.GetEnvironmentVariable);
        return new HttpClient(new SnapshotCredentials(who, new ResetHandler(HandlerOf(line)))) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>How nodes are called over etcd's API. Throws as <see cref="Open"/>.</summary>
    public static EtcdAccess EtcdAccess(CommandLine line, IReadOnlyList<Uri> endpoints)
    {
        HandlerOf(line).Dispose();
        bool isUser = line.Value("user") is not null;
        return new EtcdAccess(endpoints, () => ForStreams(HandlerOf(line)))
        {
            User = line.Value("user"),
            Password = isUser ? PasswordOf(line.Value("user")!, Environment.GetEnvironmentVariable) : null,
            Token = isUser ? null : TokenOf(line, Environment.GetEnvironmentVariable),
        };
    }

    /// <summary>The handler, and a connection whose other end is gone without a word ends in seconds.</summary>
    public static SocketsHttpHandler ForStreams(SocketsHttpHandler handler)
    {
        handler.KeepAlivePingDelay = TimeSpan.FromSeconds(10);
        handler.KeepAlivePingTimeout = TimeSpan.FromSeconds(10);
        handler.ConnectTimeout = TimeSpan.FromSeconds(5);
        handler.EnableMultipleHttp2Connections = true;
        return handler;
    }

    private static SocketsHttpHandler HandlerOf(CommandLine line)
    {
        SocketsHttpHandler handler = CallerTls.Handler(line.Value("cacert"), line.Value("cert"), line.Value("key"));

        // A redirect would take the credentials elsewhere.
        handler.AllowAutoRedirect = false;
        return handler;
    }

    private static AuthenticationHeaderValue? WhoOf(CommandLine line, Func<string, string?> variable)
    {
        if (line.Value("user") is { } user)
        {
            string password = PasswordOf(user, variable);
            return new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}")));
        }

        return TokenOf(line, variable) is { } token ? new AuthenticationHeaderValue("Bearer", token) : null;
    }

    private static string PasswordOf(string user, Func<string, string?> variable) => variable(PasswordVariable)
        ?? throw new ArgumentException($"--user: the password of {user} must be in the variable {PasswordVariable}.");

    private static string? TokenOf(CommandLine line, Func<string, string?> variable)
    {
        string? token = line.Value("token-file") is { } file ? File.ReadAllText(file).Trim() : variable(TokenVariable);
        return string.IsNullOrEmpty(token) ? null : token;
    }
}
