using RaftKv.Hosting;
using RaftKv.Http;
using RaftKv.Security.Tls;

namespace RaftKv.Cli;

/// <summary><c>raftkv health</c>: asks a node whether it serves; for health checks in images without curl.</summary>
internal static class HealthCommand
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    /// <summary>0 when the node at the endpoint is ready, else 1.</summary>
    public static async Task<int> RunAsync(string[] arguments)
    {
        CommandLine? line = CommandLine.Parse(arguments, ["endpoint", "cacert", "cert", "key"], [], out string problem);
        ServerUrl? url = line is { Words.Count: 0 }
            ? ServerUrl.Parse(line.Value("endpoint") ?? "http://127.0.0.1:2379", "--endpoint", out problem) : null;
        if (url is null)
        {
            Console.Error.WriteLine($"raftkv: {(problem.Length > 0 ? problem : "health takes no further words; see raftkv --help.")}");
            return ExitCode.Configuration;
        }

        try
        {
            using SocketsHttpHandler handler = CallerTls.Handler(line!.Value("cacert"), line.Value("cert"), line.Value("key"));
            string answer = await AskAsync(url, handler).ConfigureAwait(false);
            Console.WriteLine(answer.Length == 0 ? "ready" : answer);
            return answer.Length == 0 ? ExitCode.Ok : ExitCode.Failure;
        }
        catch (TlsFilesException unusable)
        {
            Console.Error.WriteLine($"raftkv: {unusable.Message}");
            return ExitCode.Configuration;
        }
    }

    /// <summary>Empty when the node is ready, else what is the matter.</summary>
    public static async Task<string> AskAsync(ServerUrl url, HttpMessageHandler handler)
    {
        using var client = new HttpClient(new ResetHandler(handler), disposeHandler: false) { Timeout = Timeout };
        try
        {
            using HttpResponseMessage response = await client.GetAsync($"{url}/readyz").ConfigureAwait(false);
            return response.IsSuccessStatusCode ? "" : $"{url} is not ready ({(int)response.StatusCode})";
        }
        catch (Exception failure) when (failure is HttpRequestException or OperationCanceledException)
        {
            return $"{url} does not answer: {(failure.InnerException ?? failure).Message}";
        }
    }
}
