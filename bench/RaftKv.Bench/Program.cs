using RaftKv.Bench;
using RaftKv.Bench.Kubernetes;
using RaftKv.Bench.Nodes;
using RaftKv.Bench.Scale;
using RaftKv.Bench.Soak;

// The soak drives .NET clients, which bring their own way of waiting.
if (args is ["soak", ..])
{
    return await GuardAsync(() => SoakCommand.RunAsync(args[1..]));
}

// So do these, which start their servers themselves.
if (args is ["kubernetes" or "deletion" or "replace" or "scale", ..])
{
    string[] rest = args[1..];
    return rest is ["--help" or "-h"] ? Show(NodesOptions.HelpText) : await GuardAsync(() => args[0] switch
    {
        "kubernetes" => KubernetesCommand.RunAsync(rest),
        "deletion" => DeletionCommand.RunAsync(rest),
        "replace" => ReplaceCommand.RunAsync(rest),
        _ => ScaleCommand.RunAsync(rest),
    });
}

// One epoll thread that also runs the connections' loops: measured as the cheapest way to drive 64 connections on
// shared cores.
// Read once, when the first socket is made.
Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1");
Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_THREAD_COUNT", "1");

try
{
    var options = BenchOptions.Parse(args);
    return options.Command switch
    {
        BenchCommand.Help => Show(BenchOptions.HelpText),
        BenchCommand.Load => await LoadCommand.RunAsync(options),
        BenchCommand.Levels => await LevelsCommand.RunAsync(options),
        BenchCommand.Watch when options.Protocol != BenchProtocol.EtcdGrpc => await WatchCommand.RunAsync(options),
        BenchCommand.Profile => await ProfileCommand.RunAsync(options),
        BenchCommand.Outage => await OutageCommand.RunAsync(options),
        BenchCommand.Idle => await ProfileCommand.IdleAsync(options),
        BenchCommand.Passwords => await PasswordsCommand.RunAsync(options),
        BenchCommand.Restart => await RestartCommand.RunAsync(options),
        _ => await RunCommand.RunAsync(options),
    };
}
catch (BenchException e)
{
    Console.Error.WriteLine(e.Message);
    return 2;
}

static async Task<int> GuardAsync(Func<Task<int>> command)
{
    try
    {
        return await command();
    }
    catch (BenchException e)
    {
        Console.Error.WriteLine(e.Message);
        return 2;
    }
}

static int Show(string text)
{
    Console.WriteLine(text);
    return 0;
}
