using System.Diagnostics;
using System.Globalization;
using System.Net;
using RaftKv.Bench.Soak;

namespace RaftKv.Bench;

/// <summary>
/// passwords: logs in over and over, with the right password and a wrong one in turn, and says how the servers answered. Each
/// login comes from another address, so that nobody is made to wait for the wrong ones of before and each is looked at.
/// </summary>
internal static class PasswordsCommand
{
    private const int DefaultPerSecond = 4;
    private const int AddressCount = 250;

    internal static async Task<int> RunAsync(BenchOptions options)
    {
        (string name, string password) = options.User ?? throw new BenchException("passwords needs --user.");
        int next = 0;
        using HttpClient http = BenchHttp.Client(
            options, () => new IPAddress([127, 0, 1, (byte)(1 + (Interlocked.Increment(ref next) % AddressCount))]));
        var pace = new Pace(options.CallsPerSecond > 0 ? options.CallsPerSecond : DefaultPerSecond);
        var asked = new List<Task<(bool IsRight, int Status)>>();
        for (long start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < options.Duration;)
        {
            await pace.WaitAsync(CancellationToken.None);
            int number = asked.Count;

            // Pairs of right and wrong go round the nodes.
            Uri endpoint = options.Endpoints[number / 2 % options.Endpoints.Count];
            asked.Add(AskAsync(http, endpoint, name, password, isRight: number % 2 == 0));
        }

        (bool IsRight, int Status)[] answers = await Task.WhenAll(asked);
        Console.WriteLine(
            $"{options.Label ?? "passwords"}: right {Counts(answers, isRight: true)}; wrong {Counts(answers, isRight: false)}");
        return answers.Any(static answer => answer.IsRight != (answer.Status is >= 200 and < 300)) ? 1 : 0;
    }

    private static async Task<(bool IsRight, int Status)> AskAsync(
        HttpClient http, Uri endpoint, string name, string password, bool isRight)
    {
        try
        {
            using HttpResponseMessage answer = await BenchHttp.LoginAsync(http, endpoint, name, isRight ? password : password + "!");
            return (isRight, (int)answer.StatusCode);
        }
        catch (Exception lost) when (lost is HttpRequestException or OperationCanceledException)
        {
            return (isRight, 0);
        }
    }

    private static string Counts((bool IsRight, int Status)[] answers, bool isRight) => string.Join(
        ' ',
        answers.Where(answer => answer.IsRight == isRight)
            .GroupBy(static answer => answer.Status)
            .OrderBy(static group => group.Key)
            .Select(static group => string.Create(CultureInfo.InvariantCulture, $"{group.Key}:{group.Count()}")));
}
