using RaftKv.Hosting;

namespace RaftKv.Cli;

/// <summary><c>raftkv health</c>: asks a node whether it serves; for health checks in images without curl.</summary>
internal static class HealthCommand
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    /// <summary>0 when the node at the endpoint is ready, else 1.</summary>
    public static async Task<int> RunAsync(string[] arguments)
    {
        CommandLine? line = CommandLine.Parse(arguments, ["endpoint"], [], out string problem);
        ServerUrl? url = line is { Words.Count: 0 }
            ? ServerUrl.Parse(line.Value("endpoint") ?? "http://127.0.0.1:2379", "--endpoint", out problem) : null;
        if (url is null)
        {
            Console.Error.WriteLine($"raftkv: {(problem.Length > 0 ? problem : "health takes no further words; see raftkv --help.")}");
            return ExitCode.Configuration;
        }

        string answer = await AskAsync(url).ConfigureAwait(false);
        Console.WriteLine(answer.Length == 0 ? "ready" : answer);
        return answer.Length == 0 ? ExitCode.Ok : ExitCode.Failure;
    }

    /// <summary>Empty when the node is ready, else what is the matter.</summary>
    public static async Task<string> AskAsync(ServerUrl url)
    {
        using var client = new HttpClient { Timeout = Timeout };
        try
        {
            using HttpResponseMessage response = await client.GetAsync($"{url}/readyz").ConfigureAwait(false);
            return response.IsSuccessStatusCode ? "" : $"{url} is not ready ({(int)response.StatusCode})";
        }
        catch (Exception failure) when (failure is HttpRequestException or OperationCanceledException)
        {
            return $"{url} does not answer: {failure.Message}";
        }
    }
}
