using RaftKv.Cli;
using RaftKv.Hosting;

// Read once by the framework's socket engine, before the first socket: completions run on the thread that polls,
// without a hop to the pool.
// What runs there is short by design (HttpDoor sends the rest to the pool). A value set by the user wins.
const string inlineCompletions = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";
if (Environment.GetEnvironmentVariable(inlineCompletions) is null)
{
    Environment.SetEnvironmentVariable(inlineCompletions, "1");
}

try
{
    return await Commands.RunAsync(args).ConfigureAwait(false);
}
catch (StartRefusedException refusal)
{
    Console.Error.WriteLine($"raftkv: {refusal.Message}");
    return refusal.ExitCode;
}
