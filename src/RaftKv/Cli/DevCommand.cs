using System.Globalization;
using System.Runtime.InteropServices;
using RaftKv.Hosting;
using RaftKv.Lab;

namespace RaftKv.Cli;

/// <summary>
/// <c>raftkv dev</c>: a cluster on this machine, one process a node, so that a node can be killed and started again by
/// hand as in real life. A child that ends is reported and not restarted. Children end with the parent, however it
/// ends: their standard input does.
/// </summary>
internal static class DevCommand
{
    private const int MaxNodes = 9;
    private const string LabSwitch = "lab";
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan ProbeInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>Runs the cluster until a signal; the exit code.</summary>
    public static async Task<int> RunAsync(string[] arguments)
    {
        CommandLine? line = CommandLine.Parse(
            arguments, ["nodes", "base-port", "data-dir", "engine"], [LabSwitch, "tls"], out string problem);
        if (line is { Words.Count: > 0 })
        {
            problem = $"\"{line.Words[0]}\" is not understood; see raftkv --help.";
        }

        int nodes = Number(line, "nodes", 3, 1, MaxNodes, ref problem);
        int basePort = Number(line, "base-port", 2379, 1, 65535 - 10 * MaxNodes, ref problem);
        bool hasLab = line?.Switches.Contains(LabSwitch) == true;
        if (hasLab && problem.Length == 0)
        {
            problem = line!.Switches.Contains("tls") ? "--lab and --tls: the lab calls nodes in the clear; give one of the two."
                : DevLab.Problem(nodes, basePort);
        }

        if (problem.Length > 0)
        {
            Console.Error.WriteLine($"raftkv: {problem}");
            return ExitCode.Configuration;
        }

        string directory = line!.Value("data-dir") ?? Path.Combine("data", "dev");
        using LabNetwork? network = hasLab ? DevLab.Connect(nodes, basePort) : null;
        DevTls? tls = line.Switches.Contains("tls") ? new DevTls(Path.Combine(directory, "tls")) : null;
        List<DevNode> cluster = DevNode.Plan(nodes, basePort, directory, network, tls, line.Value("engine"));
        List<string> problems = DevPreflight.Check(cluster);
        if (problems.Count > 0)
        {
            problems.ForEach(sentence => Console.Error.WriteLine($"raftkv: {sentence}"));
            return ExitCode.Configuration;
        }

        tls?.Prepare(cluster.Select(static node => node.Name));
        var stop = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using PosixSignalRegistration interrupt = StopOn(PosixSignal.SIGINT, stop);
        using PosixSignalRegistration terminate = StopOn(PosixSignal.SIGTERM, stop);
        Console.WriteLine($"Starting {nodes} node{(nodes == 1 ? "" : "s")}; data in {Path.GetFullPath(directory)}, kept between runs.");
        using LabControl? lab = network is null ? null : DevLab.Control(network, cluster, basePort);
        return await RunClusterAsync(cluster, tls, stop.Task, network is null ? null : DevLab.Url(basePort)).ConfigureAwait(false);
    }

    private static async Task<int> RunClusterAsync(List<DevNode> cluster, DevTls? tls, Task stop, string? labUrl)
    {
        foreach (DevNode node in cluster)
        {
            node.Start(Console.Out.WriteLine);
        }

        using SocketsHttpHandler handler = tls is null ? new SocketsHttpHandler() : tls.Handler();
        Task<int> starting = WaitUntilReadyAsync(cluster, handler, stop);
        int exitCode = await starting.ConfigureAwait(false);
        if (exitCode == ExitCode.Ok && !stop.IsCompleted)
        {
            PrintCluster(cluster, labUrl);
            tls?.Print(cluster[0].ClientUrl);
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
    private static async Task<int> WaitUntilReadyAsync(List<DevNode> cluster, HttpMessageHandler handler, Task stop)
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

                if ((await HealthCommand.AskAsync(node.ClientUrl, handler).ConfigureAwait(false)).Length == 0)
                {
                    break;
                }

                await Task.WhenAny(stop, Task.Delay(ProbeInterval)).ConfigureAwait(false);
            }
        }

        return ExitCode.Ok;
    }

    private static void PrintCluster(List<DevNode> cluster, string? labUrl)
    {
        Console.WriteLine();
        Console.WriteLine("RaftKv is ready.");
        foreach (DevNode node in cluster)
        {
            Console.WriteLine($"  {node.Name}  {node.ClientUrl}  pid {node.ProcessId}");
        }

        Console.WriteLine($"  Dashboard  {cluster[0].ClientUrl}/dashboard");
        Console.WriteLine($"  Swagger    {cluster[0].ClientUrl}/swagger");
        if (labUrl is not null)
        {
            Console.WriteLine($"  Lab        raftkv lab --lab {labUrl} hold n2 | delay n3 200ms | cut leader | pause n1 | heal");
        }

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
