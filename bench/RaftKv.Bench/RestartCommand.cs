using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;

namespace RaftKv.Bench;

/// <summary>restart: kills a node and times its way back to its first answers.</summary>
internal static class RestartCommand
{
    private static readonly TimeSpan PollWait = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    internal static async Task<int> RunAsync(BenchOptions options)
    {
        string command = options.Start ?? throw new BenchException("restart needs --start \"COMMAND\".");
        Process node = Start(command, options.Log);
        try
        {
            await TimeAsync(options, node, Stopwatch.GetTimestamp());
            Console.WriteLine("| kill | first eventual answer s | first linearizable answer s | resident MiB |\n|---|---:|---:|---:|");
            for (int round = 1; round <= options.Rounds; round++)
            {
                await StopAsync(node);
                node.Dispose();
                long start = Stopwatch.GetTimestamp();
                node = Start(command, options.Log);
                (TimeSpan eventual, TimeSpan linearizable) = await TimeAsync(options, node, start);
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"| {round} | {eventual.TotalSeconds:0.000} | {linearizable.TotalSeconds:0.000} | {ProcStat.ResidentMib(node.Id):0} |"));
            }
        }
        finally
        {
            await StopAsync(node);
            node.Dispose();
        }

        return 0;
    }

    private static async Task<(TimeSpan Eventual, TimeSpan Linearizable)> TimeAsync(BenchOptions options, Process node, long start)
    {
        TimeSpan eventual = await FirstAnswerAsync(options, isEventual: true, node, start);
        return (eventual, await FirstAnswerAsync(options, isEventual: false, node, start));
    }

    /// <summary>Time until a read is answered with 200, or with 404 for a key that is not there.</summary>
    private static async Task<TimeSpan> FirstAnswerAsync(BenchOptions options, bool isEventual, Process node, long start)
    {
        Uri endpoint = options.Endpoints[0];
        RequestBuilder requests = new(options.WithLevel(isEventual ? "eventual" : "linearizable"), endpoint, seed: 0);
        using HttpConnection connection = new(endpoint);
        while (Stopwatch.GetElapsedTime(start) < Patience)
        {
            if (node.HasExited)
            {
                throw new BenchException($"The node ended with exit code {node.ExitCode}; see its --log.");
            }

            using CancellationTokenSource patience = new(TimeSpan.FromSeconds(10));
            try
            {
                if (await connection.ExchangeAsync(requests.Get(0), patience.Token) is 200 or 404)
                {
                    return Stopwatch.GetElapsedTime(start);
                }
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException)
            {
                // Not there yet.
            }

            await Task.Delay(PollWait, CancellationToken.None);
        }

        throw new BenchException($"{endpoint} gave no answer in {Patience.TotalMinutes} minutes.");
    }

    /// <summary>exec keeps the shell from standing between: the pid is the node's own.</summary>
    internal static Process Start(string command, string log)
    {
        ProcessStartInfo info = new("/bin/sh") { UseShellExecute = false };
        info.ArgumentList.Add("-c");
        info.ArgumentList.Add($"exec {command} >>'{log}' 2>&1");
        return Process.Start(info) ?? throw new BenchException("The node could not be started.");
    }

    /// <summary>SIGKILL, as a power cut would be seen from outside.</summary>
    internal static async Task StopAsync(Process node)
    {
        if (!node.HasExited)
        {
            node.Kill(entireProcessTree: true);
        }

        await node.WaitForExitAsync();
    }
}
