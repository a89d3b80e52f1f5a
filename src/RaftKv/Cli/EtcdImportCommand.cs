using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using RaftKv.Contract;
using RaftKv.Hosting;
using RaftKv.Migration;
using RaftKv.Migration.Etcd;
using RaftKv.Migration.Import;
using RaftKv.Security.Tls;

namespace RaftKv.Cli;

/// <summary><c>raftkv import etcd --from URL --to URL</c>: from an etcd that lives into a RaftKv that runs.</summary>
internal static class EtcdImportCommand
{
    /// <summary>For the help.</summary>
    public const string Help = """
          --from URL,...      the etcd's nodes
          --from-user NAME    a user of etcd's, whose password is in the variable RAFTKV_FROM_PASSWORD
          --from-cacert, --from-cert, --from-key FILE   as the ones below, for the etcd
          --to URL,...        the nodes of a running RaftKv
          --prefix P          import only keys that begin so; may be repeated
          --follow            goes on with what is written meanwhile; SIGINT cuts over, SIGTERM stops it
          --cut-over          cuts over by itself, once all is applied and the source is quiet
          --until-revision N  cuts over once revision N of the etcd is applied
          --quiet-for T       how long the etcd must be quiet before a cut-over (default 3s)
          --quiet-within T    how long a cut-over waits for that (default 60s)
          --replace           begins although there are keys: those that the etcd lacks are deleted
          --progress-key KEY  where it is noted in the RaftKv how far it is (default raftkv-import/progress)
          --report-every T    how often it says so (default 10s)
          --give-up-after T   ends when a side has not answered for so long (default 10m)

        """;

    private const string PasswordVariable = "RAFTKV_FROM_PASSWORD";

    private static readonly string[] _flags =
    [
        "from", "from-user", "from-cacert", "from-cert", "from-key", "to", "prefix", "until-revision", "quiet-for", "quiet-within",
        "progress-key", "report-every", "give-up-after", .. CallerFlags.Names,
    ];

    /// <summary>True when the arguments are of this command, and not of the import of a file.</summary>
    public static bool IsMeant(string[] arguments) =>
        arguments.Any(static argument => argument == "--to" || argument.StartsWith("--to=", StringComparison.Ordinal));

    /// <summary>Does it; the exit code: 0 as asked, 1 not cut over or nobody answers, 2 refused, 143 stopped.</summary>
    public static async Task<int> RunAsync(string[] arguments, TextWriter output, TextWriter error)
    {
        CommandLine? line = CommandLine.Parse(arguments, _flags, ["follow", "cut-over", "replace"], out string problem);
        ImportOrder? order;
        try
        {
            order = line is null ? null : OrderOf(line, out problem);
        }
        catch (Exception unusable) when (unusable is TlsFilesException or ArgumentException or IOException)
        {
            order = null;
            problem = unusable.Message;
        }

        if (order is null)
        {
            error.WriteLine($"raftkv: {problem}");
            return ExitCode.Configuration;
        }

        using var import = new EtcdImport(order, output, TimeProvider.System);
        using var stop = new CancellationTokenSource();
        int interrupts = 0;
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context =>
        {
            context.Cancel = true;
            if (Interlocked.Increment(ref interrupts) > 1 || !order.Follows)
            {
                stop.Cancel();
            }
        });
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            stop.Cancel();
        });
        try
        {
            ImportEnd end = await import.RunAsync(() => Volatile.Read(ref interrupts) > 0, stop.Token).ConfigureAwait(false);
            return end == ImportEnd.Done ? ExitCode.Ok : ExitCode.Failure;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            output.WriteLine($"{"stopped",-12}the same command goes on");
            return StoppedExitCode;
        }
        catch (ImportException refusal)
        {
            error.WriteLine($"raftkv: {refusal.Message}");
            return refusal.IsRefusal ? ExitCode.Configuration : ExitCode.Failure;
        }
    }

    // As a shell says it of a process that SIGTERM ended.
    private const int StoppedExitCode = 143;

    private static ImportOrder? OrderOf(CommandLine line, out string problem)
    {
        problem = line.Words.Count > 0 ? $"\"{line.Words[0]}\" is not understood; see raftkv import --help." : "";
        List<Uri> from = AddressesIn(line, "from", "the etcd's nodes", ref problem);
        List<Uri> to = AddressesIn(line, "to", "the nodes of a running RaftKv", ref problem);
        long? until = null;
        if (line.Value("until-revision") is { } text)
        {
            bool isRevision = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long revision) && revision > 0;
            problem = isRevision || problem.Length > 0 ? problem : $"--until-revision: \"{text}\" is no revision.";
            until = revision;
        }

        TimeSpan report = TimeIn(line, "report-every", TimeSpan.FromSeconds(10), ref problem);
        TimeSpan giveUp = TimeIn(line, "give-up-after", TimeSpan.FromMinutes(10), ref problem);
        TimeSpan quietFor = TimeIn(line, "quiet-for", TimeSpan.FromSeconds(3), ref problem);
        TimeSpan quiet = TimeIn(line, "quiet-within", TimeSpan.FromSeconds(60), ref problem);
        if (problem.Length > 0)
        {
            return null;
        }

        return new ImportOrder(SourceOf(line, from), CallerFlags.EtcdAccess(line, to))
        {
            Prefixes = [.. line.Flags.Where(static flag => flag.Key == "prefix").Select(static flag => Encoding.UTF8.GetBytes(flag.Value))],
            ProgressKey = line.Value("progress-key") is { Length: > 0 } key ? key : ImportOrder.DefaultProgressKey,
            Follows = line.Switches.Contains("follow"),
            CutsOver = line.Switches.Contains("cut-over"),
            UntilRevision = until,
            Replaces = line.Switches.Contains("replace"),
            ReportEvery = report,
            GiveUpAfter = giveUp,
            QuietFor = quietFor,
            QuietWithin = quiet,
        };
    }

    private static EtcdAccess SourceOf(CommandLine line, List<Uri> from)
    {
        string? user = line.Value("from-user");
        string? password = user is null ? null : Environment.GetEnvironmentVariable(PasswordVariable)
            ?? throw new ArgumentException($"--from-user: the password of {user} must be in the variable {PasswordVariable}.");
        (string? roots, string? certificate, string? key) = (line.Value("from-cacert"), line.Value("from-cert"), line.Value("from-key"));
        CallerTls.Handler(roots, certificate, key).Dispose();
        return new EtcdAccess(from, () => CallerFlags.ForStreams(CallerTls.Handler(roots, certificate, key)))
        {
            User = user,
            Password = password,
        };
    }

    private static List<Uri> AddressesIn(CommandLine line, string flag, string what, ref string problem)
    {
        List<Uri> addresses = [];
        string[] texts = (line.Value(flag) ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        foreach (string text in texts)
        {
            if (ServerUrl.Parse(text, "--" + flag, out string wrong) is { } url)
            {
                addresses.Add(new Uri(url.ToString()));
            }
            else
            {
                problem = problem.Length > 0 ? problem : wrong;
            }
        }

        problem = problem.Length == 0 && addresses.Count == 0 ? $"import etcd into a running cluster needs --{flag}: {what}." : problem;
        return addresses;
    }

    private static TimeSpan TimeIn(CommandLine line, string flag, TimeSpan otherwise, ref string problem)
    {
        if (line.Value(flag) is not { } text)
        {
            return otherwise;
        }

        if (Durations.TryParse(text, out TimeSpan time) && time > TimeSpan.Zero)
        {
            return time;
        }

        problem = problem.Length > 0 ? problem : $"--{flag}: \"{text}\" is no time; write it like 10s.";
        return otherwise;
    }
}
