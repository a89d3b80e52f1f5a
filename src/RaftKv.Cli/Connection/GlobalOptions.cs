using System.CommandLine;
using RaftKv.Cli.Output;
using RaftKv.Contract;

namespace RaftKv.Cli.Connection;

/// <summary>Options of every command: which cluster, and in what form it is answered.</summary>
internal sealed class GlobalOptions
{
    /// <summary>Three nodes of <c>raftkv dev</c>.</summary>
    public const string DefaultEndpoints = "http://127.0.0.1:2379,http://127.0.0.1:2389,http://127.0.0.1:2399";

    public Option<string?> Endpoints { get; } = new("--endpoints", "-e")
    {
        Description = "Client addresses, separated by commas (RAFTKV_ENDPOINTS; default: the three nodes of raftkv dev)",
        HelpName = "URLS",
        Recursive = true,
    };

    public Option<string?> Node { get; } = new("--node")
    {
        Description = "Ask this node only: a name or an address",
        HelpName = "NODE",
        Recursive = true,
    };

    public Option<string?> Context { get; } = new("--context")
    {
        Description = "The context of the configuration file (RAFTKV_CONTEXT)",
        HelpName = "NAME",
        Recursive = true,
    };

    public Option<string?> Config { get; } = new("--config")
    {
        Description = "The configuration file (RAFTKVCTL_CONFIG)",
        HelpName = "FILE",
        Recursive = true,
    };

    public Option<string?> Output { get; } = new("--output", "-o")
    {
        Description = "table, json, yaml or value",
        HelpName = "FORMAT",
        Recursive = true,
    };

    public Option<TimeSpan?> Timeout { get; } = Durational("--timeout", "Most time for a call, such as 5s");

    public Option<string?> TokenFile { get; } = new("--token-file")
    {
        Description = "A file with a bearer token (else the variable RAFTKV_AUTH_TOKEN)",
        HelpName = "FILE",
        Recursive = true,
    };

    public Option<string?> Ca { get; } = Pem("--ca", "Roots that the servers' certificates must lead to (RAFTKV_CA)");

    public Option<string?> Certificate { get; } = Pem("--cert", "Your own certificate, where servers ask for one (RAFTKV_CERT)");

    public Option<string?> Key { get; } = Pem("--key", "Its key (RAFTKV_KEY)");

    public GlobalOptions()
    {
        Output.AcceptOnlyFromAmong("table", "json", "yaml", "value");
        Timeout.Recursive = true;
        Context.CompletionSources.Add(_ => Names());
    }

    /// <summary>All, in the order of the help.</summary>
    public IEnumerable<Option> All => [Endpoints, Node, Context, Config, Output, Timeout, TokenFile, Ca, Certificate, Key];

    /// <summary>An option whose value is a duration, such as 500ms.</summary>
    public static Option<TimeSpan?> Durational(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "TIME",
        CustomParser = result =>
        {
            if (Durations.TryParse(result.Tokens[0].Value, out TimeSpan duration))
            {
                return duration;
            }

            result.AddError($"{name} is {Durations.Form}, not '{result.Tokens[0].Value}'.");
            return null;
        },
    };

    /// <summary>The format that was named here, by the context, or the table.</summary>
    public OutputFormat FormatOf(ParseResult parse, CliContext? context) =>
        Enum.Parse<OutputFormat>(parse.GetValue(Output) ?? context?.Output ?? "table", ignoreCase: true);

    /// <summary>Files of TLS: named here, by a variable, or by the context.</summary>
    public TlsFiles TlsOf(ParseResult parse, CliContext? context) => new(
        Said(parse, Ca, "RAFTKV_CA") ?? context?.CaFile, Said(parse, Certificate, "RAFTKV_CERT") ?? context?.CertificateFile,
        Said(parse, Key, "RAFTKV_KEY") ?? context?.KeyFile);

    private static string? Said(ParseResult parse, Option<string?> option, string variable) =>
        parse.GetValue(option) ?? Environment.GetEnvironmentVariable(variable);

    private static Option<string?> Pem(string name, string description) =>
        new(name) { Description = description, HelpName = "FILE", Recursive = true };

    // Completion must not fail where a command would.
    private static IEnumerable<string> Names()
    {
        try
        {
            return ConfigFile.Load(null).Names;
        }
        catch (CtlException)
        {
            return [];
        }
    }
}
