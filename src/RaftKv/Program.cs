using RaftKv.Cli;
using RaftKv.Hosting;

try
{
    return await Commands.RunAsync(args).ConfigureAwait(false);
}
catch (StartRefusedException refusal)
{
    Console.Error.WriteLine($"raftkv: {refusal.Message}");
    return refusal.ExitCode;
}
