using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Logging.Console;
using RaftKv.Core;
using RaftKv.Core.Disk.Device;
using RaftKv.Hosting;
using RaftKv.Hosting.Server;

namespace RaftKv.Cli;

/// <summary><c>raftkv serve</c>: runs one node until a signal.</summary>
internal static class ServeCommand
{
    /// <summary>
    /// Hidden switch that <c>dev</c> gives its children: stop when standard input ends, since then the parent is gone.
    /// </summary>
    public const string StopWithInputSwitch = "stop-with-input";

    private const string PrintConfigSwitch = "print-config";

    /// <summary>Runs the node; the exit code.</summary>
    public static async Task<int> RunAsync(string[] arguments)
    {
        CommandLine? line = CommandLine.Parse(
            arguments,
            [.. NodeSettings.All.Where(static setting => !setting.IsSwitch).Select(static setting => setting.Flag), "config"],
            [PrintConfigSwitch, StopWithInputSwitch, .. NodeSettings.All.Where(static one => one.IsSwitch).Select(static one => one.Flag)],
            out string problem);
        if (line is null || line.Words.Count > 0)
        {
            return Refuse([line is null ? problem : $"\"{line.Words[0]}\" is not understood; see raftkv --help."]);
        }

        NodeOptionsReader reader = Read(line);
        NodeOptions? options = reader.Build(out IReadOnlyList<string> problems);
        if (options is null)
        {
            return Refuse(problems);
        }

        if (line.Switches.Contains(PrintConfigSwitch))
        {
            Console.Write(ConfigText.Compose(options, reader.Sources));
            return ExitCode.Ok;
        }

        return await ServeAsync(options, line.Switches.Contains(StopWithInputSwitch)).ConfigureAwait(false);
    }

    private static NodeOptionsReader Read(CommandLine line)
    {
        var reader = new NodeOptionsReader();
        reader.AddFlags(
        [
            .. line.Flags.Where(static flag => flag.Key != "config"),
            .. line.Switches.Where(static word => NodeSettings.Find(word) is not null)
                .Select(static word => KeyValuePair.Create(word, "true")),
        ]);
        reader.AddVariables(Environment.GetEnvironmentVariable);
        string? named = line.Value("config");
        foreach (string path in named is null ? (string[])["appsettings.json", Path.Combine(AppContext.BaseDirectory, "appsettings.json")] : [named])
        {
            if (named is not null || File.Exists(path))
            {
                reader.AddFile(path, ReadFile(path));
                break;
            }
        }

        return reader;
    }

    private static byte[] ReadFile(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new StartRefusedException($"--config: can't read {path}: {failure.Message}");
        }
    }

    private static int Refuse(IReadOnlyList<string> problems)
    {
        foreach (string problem in problems)
        {
            Console.Error.WriteLine($"raftkv: {problem}");
        }

        return ExitCode.Configuration;
    }

    private static async Task<int> ServeAsync(NodeOptions options, bool mustStopWithInput)
    {
        using ILoggerFactory loggers = CreateLoggers(options);
        var stop = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using PosixSignalRegistration interrupt = StopOn(PosixSignal.SIGINT, exitCode: 130, stop);
        using PosixSignalRegistration terminate = StopOn(PosixSignal.SIGTERM, exitCode: 143, stop);
        if (mustStopWithInput)
        {
            StopWhenInputEnds(stop);
        }

        using var stopping = new CancellationTokenSource();
        Task cancelling = CancelAfterAsync(stop.Task, stopping);
        try
        {
            await using NodeServer server = await NodeServer.StartAsync(options, loggers, stopping.Token).ConfigureAwait(false);
            await using ServiceManager? manager = ServiceManager.Find(
                new SystemdNotifier(), Environment.GetEnvironmentVariable("WATCHDOG_USEC"), server.Node, TimeProvider.System);
            manager?.Ready();
            await stop.Task.ConfigureAwait(false);
            manager?.Stopping();
            await server.StopAsync().ConfigureAwait(false);
            return ExitCode.Ok;
        }
        catch (OperationCanceledException) when (stop.Task.IsCompleted)
        {
            // Stopped while it waited for the others to found the cluster.
            return ExitCode.Ok;
        }
        catch (StartRefusedException refusal)
        {
            Console.Error.WriteLine($"raftkv: {refusal.Message}");
            return refusal.ExitCode;
        }
        catch (StorageCorruptException corrupt)
        {
            Console.Error.WriteLine($"raftkv: {corrupt.Message} The node does not start; see docs/operations.md, \"Damaged data\".");
            return ExitCode.Corruption;
        }
        catch (UnsupportedVersionException refusal)
        {
            Console.Error.WriteLine($"raftkv: {refusal.Message}");
            return ExitCode.Version;
        }
        catch (StorageFailedException failure)
        {
            Console.Error.WriteLine($"raftkv: {failure.Message}");
            return ExitCode.Disk;
        }
        finally
        {
            stop.TrySetResult();
            await cancelling.ConfigureAwait(false);
        }
    }

    private static async Task CancelAfterAsync(Task stop, CancellationTokenSource stopping)
    {
        await stop.ConfigureAwait(false);
        await stopping.CancelAsync().ConfigureAwait(false);
    }

    private static PosixSignalRegistration StopOn(PosixSignal signal, int exitCode, TaskCompletionSource stop) =>
        PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;
            if (!stop.TrySetResult())
            {
                // The second one means it.
                ProcessEnd.Now(exitCode);
            }
        });

    private static void StopWhenInputEnds(TaskCompletionSource stop)
    {
        // A thread, since reads of standard input can't be cancelled; it ends with the process.
        var watcher = new Thread(() =>
        {
            using Stream input = Console.OpenStandardInput();
            var buffer = new byte[256];
            while (input.Read(buffer) > 0)
            {
                // What is typed means nothing; only the end does.
            }

            stop.TrySetResult();
        })
        {
            IsBackground = true,
            Name = "parent watch",
        };
        watcher.Start();
    }

    private static ILoggerFactory CreateLoggers(NodeOptions options) => LoggerFactory.Create(builder =>
    {
        builder.SetMinimumLevel(Enum.Parse<LogLevel>(options.LogLevel, ignoreCase: true));

        // The framework's own sentences are about single requests and connections; only what is wrong is of interest.
        builder.AddFilter("Microsoft", LogLevel.Warning);

        // It logs the stack of a start that failed, which is thrown as well and said in a sentence.
        builder.AddFilter("Microsoft.Extensions.Hosting", LogLevel.None);

        // As long as this one could log anything, each request has an activity and a scope of its log made for it, and carries
        // both through every wait: a sixth of what a call allocates. With --otlp there are activities all the same.
        builder.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        if (options.LogFormat == "json")
        {
            builder.AddJsonConsole(console =>
            {
                console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";
                console.UseUtcTimestamp = true;
            });
        }
        else
        {
            builder.AddSimpleConsole(console =>
            {
                console.SingleLine = true;
                console.TimestampFormat = "HH:mm:ss.fff ";
                console.ColorBehavior = LoggerColorBehavior.Default;
            });
        }
    });
}
