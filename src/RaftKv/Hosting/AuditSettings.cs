using RaftKv.Audit;

namespace RaftKv.Hosting;

/// <summary>The settings of the audit.</summary>
internal static class AuditSettings
{
    /// <summary>All of them, in the order of the help.</summary>
    public static IReadOnlyList<NodeSetting> All { get; } =
    [
        new()
        {
            Flag = "audit-log", Shape = "FILE",
            Help = "write down who did what, on which keys, with which outcome (default: nowhere)",
            Read = static (from, o) => o with { AuditLog = from.Text("audit-log") },
            Print = static o => o.AuditLog ?? "",
        },
        NodeSettings.Choice(
            "audit-what", ["writes", "all"], "what is written down; all has reads and lease renewals too",
            static o => o.AuditWhat, static (o, text) => o with { AuditWhat = text }),
        NodeSettings.Choice(
            "audit-chain", ["off", "on"], "hash each line together with the one before",
            static o => o.AuditChain, static (o, text) => o with { AuditChain = text }),
        new()
        {
            Flag = "audit-otlp", Shape = "off|on",
            Help = "send the audit to the collector of --otlp too, as log records: off or on (default off)",
            Read = static (from, o) => o with { AuditOtlp = from.Text("audit-otlp") ?? o.AuditOtlp },
            Print = static o => o.AuditOtlp,
            Check = static o => o.AuditOtlp is not ("on" or "off") ? $"--audit-otlp: \"{o.AuditOtlp}\" is unknown; use off or on."
                : o.AuditOtlp == "on" && o.Otlp is null ? "--audit-otlp on: name the collector with --otlp." : null,
        },
    ];

    /// <summary>The audit that is asked for; null for none.</summary>
    /// <exception cref="StartRefusedException">Its file can't be written.</exception>
    public static AuditLog? Open(NodeOptions options)
    {
        List<IAuditSink> sinks = [];
        if (options.AuditLog is { } path)
        {
            sinks.Add(OpenFile(path, options.AuditChain == "on"));
        }

        if (options.AuditOtlp == "on")
        {
            sinks.Add(OpenExport(options));
        }

        return sinks.Count == 0 ? null : new AuditLog([.. sinks], TimeProvider.System, options.AuditWhat == "all");
    }

    private static AuditFile OpenFile(string path, bool isChained)
    {
        try
        {
            return new AuditFile(path, isChained);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartRefusedException($"--audit-log: {path} can't be written: {e.Message}", ExitCode.Configuration);
        }
    }

    // Apart, so that a node that sends nothing loads nothing of the library.
    private static AuditExport OpenExport(NodeOptions options) => new(options.Otlp!, options.Name);
}
