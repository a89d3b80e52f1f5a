using RaftKv.Bench;
using RaftKv.Bench.Soak;

// The soak drives .NET clients, which bring their own way of waiting.
if (args is ["soak", ..])
{
    return await SoakAsync(args[1..]);
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
        BenchCommand.Help => Help(),
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

static async Task<int> SoakAsync(string[] arguments)
{
    try
    {
        return await SoakCommand.RunAsync(arguments);
    }
    catch (BenchException e)
    {
        Console.Error.WriteLine(e.Message);
        return 2;
    }
}

static int Help()
{
    Console.WriteLine(BenchOptions.HelpText);
    return 0;
}
