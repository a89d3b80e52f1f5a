using RaftKv.Hosting;
using RaftKv.Storage;
using RaftKv.Transport;

namespace RaftKv.Cli;

/// <summary>Finds the command that the first words name.</summary>
internal static class Commands
{
    /// <summary>Runs it; the exit code.</summary>
    public static async Task<int> RunAsync(string[] arguments)
    {
        switch (arguments)
        {
            case ["serve", ..] when !AsksForHelp(arguments):
                RuntimeSettings.Apply();
                return await ServeCommand.RunAsync(arguments[1..]).ConfigureAwait(false);
            case ["dev", ..] when !AsksForHelp(arguments):
                return await DevCommand.RunAsync(arguments[1..]).ConfigureAwait(false);
            case ["health", ..] when !AsksForHelp(arguments):
                return await HealthCommand.RunAsync(arguments[1..]).ConfigureAwait(false);
            case ["wal", "dump", var directory] when !AsksForHelp(arguments):
                return WalDump.Run(directory, Console.Out, Console.Error);
            case ["snapshot", "inspect", var file] when !AsksForHelp(arguments):
                return SnapshotInspect.Run(file, Console.Out, Console.Error);
            case ["check", var directory] when !AsksForHelp(arguments):
                return DataCheck.Run(directory, Console.Out, Console.Error);
            case ["version" or "--version"]:
                Console.WriteLine($"raftkv {PeerHandshake.SoftwareVersion}");
                return ExitCode.Ok;
            case []:
                Console.Error.Write(HelpText.Compose());
                return ExitCode.Configuration;
            default:
                if (AsksForHelp(arguments))
                {
                    Console.Write(HelpText.Compose());
                    return ExitCode.Ok;
                }

                Console.Error.WriteLine($"raftkv: \"{string.Join(' ', arguments)}\" is no command; see raftkv --help.");
                return ExitCode.Configuration;
        }
    }

    private static bool AsksForHelp(string[] arguments) =>
        arguments is ["help", ..] || arguments.Contains("--help") || arguments.Contains("-h");
}
