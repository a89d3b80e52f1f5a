using System.Globalization;
using System.Runtime.InteropServices;
using RaftKv.Hosting;

namespace RaftKv.Cli;

/// <summary>
/// <c>raftkv dev</c>: a cluster on this machine, one process a node, so that a node can be killed and started again by
/// hand as in real life. A child that ends is reported and not restarted. Children end with the parent, however it
/// ends: their standard input does.
/// </summary>
internal static class DevCommand
{
    private const int MaxNodes = 9;
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan ProbeInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>Runs the cluster until a signal; the exit code.</summary>
    public static async Task<int> RunAsync(string[] arguments)
    {
        CommandLine? line = CommandLine.Parse(arguments, ["nodes", "base-port", "data-dir"], [], out string problem);
        if (line is { Words.Count: > 0 })
        {
            problem = $"\"{line.Words[0]}\" is not understood; see raftkv --help.";
        }

        int nodes = Number(line, "nodes", 3, 1, MaxNodes, ref problem);
        int basePort = Number(line, "base-port", 2379, 1, 65535 - 10 * MaxNodes, ref problem);
        if (problem.Length > 0)
        {
            Console.Error.WriteLine($"raftkv: {problem}");
            return ExitCode.Configuration;
        }

        string directory = line!.Value("data-dir") ?? Path.Combine("data", "dev");
        List<DevNode> cluster = DevNode.Plan(nodes, basePort, directory);
        var stop = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using PosixSignalRegistration interrupt = StopOn(PosixSignal.SIGINT, stop);
        using PosixSignalRegistration terminate = StopOn(PosixSignal.SIGTERM, stop);
        Console.WriteLine($"Starting {nodes} node{(nodes == 1 ? "" : "s")}; data in {Path.GetFullPath(directory)}, kept between runs.");
        return await RunClusterAsync(cluster, stop.Task).ConfigureAwait(false);
    }

    private static async Task<int> RunClusterAsync(List<DevNode> cluster, Task stop)
    {
        foreach (DevNode node in cluster)
        {
            node.Start(Console.Out.WriteLine);
        }

        Task<int> starting = WaitUntilReadyAsync(cluster, stop);
        int exitCode = await starting.ConfigureAwait(false);
        if (exitCode == ExitCode.Ok && !stop.IsCompleted)
        {
            PrintCluster(cluster);
            Task allEnded = Task.WhenAll(cluster.Select(ReportEndAsync));
            await Task.WhenAny(stop, allEnded).ConfigureAwait(false);
            exitCode = stop.IsCompleted ? ExitCode.Ok : ExitCode.Failure;
        }

        Console.WriteLine("Stopping.");
        await Task.WhenAll(cluster.Select(node => node.StopAsync(StopTimeout))).ConfigureAwait(false);
        return exitCode;

        async Task ReportEndAsync(DevNode node)
        {
            int code = await node.Ended.ConfigureAwait(false);
            if (!stop.IsCompleted)
            {
                Console.WriteLine($"{node.Name} has ended with exit code {code}. To start it again: {node.ServeLine}");
            }
        }
    }

    // A node that ends before it was ever ready will not do better by waiting: its sentence is on the screen, and its
    // exit code is ours.
    private static async Task<int> WaitUntilReadyAsync(List<DevNode> cluster, Task stop)
    {
        foreach (DevNode node in cluster)
        {
            while (!stop.IsCompleted)
            {
                DevNode? ended = cluster.Find(other => other.Ended.IsCompleted);
                if (ended is not null)
                {
                    Console.Error.WriteLine($"raftkv: {ended.Name} has ended before the cluster was ready.");
                    int code = await ended.Ended.ConfigureAwait(false);
                    return code == ExitCode.Ok ? ExitCode.Failure : code;
                }

                if ((await HealthCommand.AskAsync(node.ClientUrl).ConfigureAwait(false)).Length == 0)
                {
                    break;
                }

                await Task.WhenAny(stop, Task.Delay(ProbeInterval)).ConfigureAwait(false);
            }
        }

        return ExitCode.Ok;
    }

    private static void PrintCluster(List<DevNode> cluster)
    {
        Console.WriteLine();
        Console.WriteLine("RaftKv is ready.");
        foreach (DevNode node in cluster)
        {
            Console.WriteLine($"  {node.Name}  {node.ClientUrl}  pid {node.ProcessId}");
        }

        Console.WriteLine($"  Swagger  {cluster[0].ClientUrl}/swagger");
        Console.WriteLine();
        Console.WriteLine("Kill a node and start it again with its own line:");
        foreach (DevNode node in cluster)
        {
            Console.WriteLine($"  {node.ServeLine}");
        }

        Console.WriteLine();
    }

    private static PosixSignalRegistration StopOn(PosixSignal signal, TaskCompletionSource stop) =>
        PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;
            stop.TrySetResult();
        });

    private static int Number(CommandLine? line, string flag, int otherwise, int min, int max, ref string problem)
    {
        if (line?.Value(flag) is not { } text)
        {
            return otherwise;
        }

        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= min && number <= max)
        {
            return number;
        }

        problem = $"--{flag}: \"{text}\" is out of range; use {min} to {max}.";
        return otherwise;
    }
}
