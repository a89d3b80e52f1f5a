using System.Runtime.CompilerServices;
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
            case ["member", ..] when !AsksForHelp(arguments):
                return await MemberCommand.RunAsync(arguments[1..], Console.Out, Console.Error).ConfigureAwait(false);
            case ["cert", ..] when !AsksForHelp(arguments):
                return CertCommand.Run(arguments[1..]);
            case ["wal", "dump", var directory] when !AsksForHelp(arguments):
                return WalDump.Run(directory, Console.Out, Console.Error);
            case ["snapshot", "inspect", var file] when !AsksForHelp(arguments):
                return SnapshotInspect.Run(file, Console.Out, Console.Error);
            case ["check", var directory] when !AsksForHelp(arguments):
                return DataCheck.Run(directory, Console.Out, Console.Error);
            case ["ctl", ..]:
                return await ControlAsync("raftkv ctl", arguments[1..]).ConfigureAwait(false);
            case ["demo" or "lab" or "simulate", ..]:
                return await ControlAsync("raftkv", arguments).ConfigureAwait(false);
            case ["restore", ..] when !AsksForHelp(arguments):
                return await RestoreCommand.RunAsync(arguments[1..], Console.Out, Console.Error).ConfigureAwait(false);
            case ["import", "etcd", ..] when !AsksForHelp(arguments) && EtcdImportCommand.IsMeant(arguments):
                return await EtcdImportCommand.RunAsync(arguments[2..], Console.Out, Console.Error).ConfigureAwait(false);
            case ["import", "etcd", ..] when !AsksForHelp(arguments):
                return await RestoreCommand.RunAsync(arguments[2..], Console.Out, Console.Error, isEtcd: true).ConfigureAwait(false);
            case ["export", "etcd", ..] when !AsksForHelp(arguments):
                return await EtcdCommand.ExportAsync(arguments[2..], Console.Out, Console.Error).ConfigureAwait(false);
            case ["recover", ..] when !AsksForHelp(arguments):
                return await RecoverCommand.RunAsync(arguments[1..], Console.Out, Console.Error).ConfigureAwait(false);
            case ["upgrade", ..] when !AsksForHelp(arguments):
                return await UpgradeCommand.RunAsync(arguments[1..], Console.Out, Console.Error).ConfigureAwait(false);
            case ["backup", ..] when !AsksForHelp(arguments):
                return await BackupCommand.RunAsync(arguments[1..], Console.Out, Console.Error).ConfigureAwait(false);
            case ["version" or "--version"]:
                Console.WriteLine($"raftkv {PeerHandshake.SoftwareVersion}");
                return ExitCode.Ok;
            case []:
                Console.Error.Write(HelpText.Compose());
                return ExitCode.Configuration;
            default:
                if (AsksForHelp(arguments))
                {
                    Console.Write(HelpTopics.Find(arguments) ?? HelpText.Compose());
                    return ExitCode.Ok;
                }

                string similar = HelpTopics.Similar(arguments[0]) is { } meant ? $" Did you mean {meant}?" : "";
                Console.Error.WriteLine($"raftkv: \"{string.Join(' ', arguments)}\" is no command; see raftkv --help.{similar}");
                return ExitCode.Configuration;
        }
    }

    // A method of its own: a node that serves loads nothing of raftkvctl.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Task<int> ControlAsync(string name, string[] arguments) => CtlProgram.RunAsync(name, arguments);

    private static bool AsksForHelp(string[] arguments) =>
        arguments is ["help", ..] || arguments.Contains("--help") || arguments.Contains("-h");
}
