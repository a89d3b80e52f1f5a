using System.Net.Http.Headers;
using System.Text;
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
        var http = new HttpClient(HandlerOf(line)) { Timeout = timeout };
        http.DefaultRequestHeaders.Authorization = WhoOf(line, Environment.GetEnvironmentVariable);
        return http;
    }

    /// <summary>
    /// A client that loads backups from nodes and from elsewhere, and says only to nodes who calls. Throws as <see cref="Open"/>.
    /// </summary>
    public static HttpClient OpenForBackups(CommandLine line)
    {
        AuthenticationHeaderValue? who = WhoOf(line, Environment.GetEnvironmentVariable);
        return new HttpClient(new SnapshotCredentials(who, HandlerOf(line))) { Timeout = Timeout.InfiniteTimeSpan };
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
            string password = variable(PasswordVariable)
                ?? throw new ArgumentException($"--user: the password of {user} must be in the variable {PasswordVariable}.");
            return new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}")));
        }

        string? token = line.Value("token-file") is { } file ? File.ReadAllText(file).Trim() : variable(TokenVariable);
        return string.IsNullOrEmpty(token) ? null : new AuthenticationHeaderValue("Bearer", token);
    }
}
