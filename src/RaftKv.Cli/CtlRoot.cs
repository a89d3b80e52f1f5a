using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using RaftKv.Cli.Connection;
using RaftKv.Cli.Demos;
using RaftKv.Cli.Output;
using RaftKv.Cli.Processes;
using RaftKv.Cli.Shell;
using RaftKv.Cli.Verbs.Access;
using RaftKv.Cli.Verbs.Cluster;
using RaftKv.Cli.Verbs.Coordination;
using RaftKv.Cli.Verbs.Kv;
using RaftKv.Cli.Verbs.Lab;
using RaftKv.Cli.Verbs.Tools;
using RaftKv.Cli.Verbs.Transfer;

namespace RaftKv.Cli;

/// <summary>The commands, and how a line is run.</summary>
internal sealed class CtlRoot
{
    private const string ProgramName = "raftkvctl";

    private readonly VerbFactory _make;
    private readonly CliConsole _console;

    public CtlRoot(CliConsole console, Interrupts interrupts, string name)
    {
        _console = console;
        _make = new VerbFactory(console, new GlobalOptions());
        Root = new RootCommand("RaftKv on the command line: keys, watches, locks, and the cluster itself.") { HelpName = name };

        // Completion hands over whole lines, whatever the process itself is called.
        if (Root.Name != ProgramName)
        {
            Root.Aliases.Add(ProgramName);
        }
        foreach (Option option in _make.Global.All)
        {
            Root.Add(option);
        }

        IEnumerable<Command> commands =
        [
            .. ClusterVerbs.All(_make), MemberVerbs.All(_make), DoctorVerb.Make(_make), TopVerb.Make(_make),
            .. KvVerbs.All(_make), .. ListVerbs.All(_make), .. HistoryVerbs.All(_make), TxnVerb.Make(_make), WatchVerb.Make(_make),
            .. HoldVerbs.All(_make), .. LookVerbs.All(_make), LeaseVerbs.All(_make),
            .. TransferVerbs.All(_make), .. BackupVerbs.All(_make), .. UpkeepVerbs.All(_make), .. QuotaVerbs.All(_make),
            .. AuthVerbs.All(_make), UserVerbs.All(_make), RoleVerbs.All(_make), EventsVerb.Make(_make), .. LogVerb.All(_make),
            BenchVerb.Make(_make), DemoVerb.Make(_make), SimulateVerb.Make(_make), LabVerbs.All(_make), ContextVerbs.All(_make),
            CompletionVerb.Make(_make),
            ShellVerb.Make(_make, interrupts, () => Root, RunAsync),
        ];
        foreach (Command command in commands)
        {
            Root.Add(command);
        }

        // A shell's completion would offer the spellings of other systems among the words that one means.
        HelpOption help = Root.Options.OfType<HelpOption>().Single();
        help.Aliases.Clear();
        help.Aliases.Add("-h");
        help.Action = new HelpWithExamples((HelpAction)help.Action!, _make);
    }

    /// <summary>All commands.</summary>
    public RootCommand Root { get; }

    /// <summary>Examples of a command, as its help shows them.</summary>
    public IReadOnlyList<string> ExamplesOf(Command command) => _make.ExamplesOf(command);

    /// <summary>Runs a line; the exit code.</summary>
    public async Task<int> RunAsync(IReadOnlyList<string> words, CancellationToken stop)
    {
        ParseResult parse = Root.Parse(words);
        bool isWrong = parse.Action is ParseErrorAction;
        if (parse.Action is ParseErrorAction wrong)
        {
            // The typo and its correction are worth more than a page of help.
            wrong.ShowHelp = words.Count == 0;
        }

        int exit = await parse.InvokeAsync(
            new InvocationConfiguration
            {
                Output = isWrong && words.Count > 0 ? _console.Error : _console.Out,
                Error = _console.Error,
                ProcessTerminationTimeout = null,
                EnableDefaultExceptionHandler = false,
            },
            stop).ConfigureAwait(false);
        return isWrong ? CtlExit.Usage : exit;
    }

    /// <summary>The library's help, with examples at its end.</summary>
    private sealed class HelpWithExamples(HelpAction inner, VerbFactory make) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            int exit = inner.Invoke(parseResult);
            TextWriter output = parseResult.InvocationConfiguration.Output;
            IReadOnlyList<string> examples = make.ExamplesOf(parseResult.CommandResult.Command);
            if (examples.Count > 0)
            {
                output.WriteLine("Examples:");
                foreach (string example in examples)
                {
                    output.WriteLine("  " + example);
                }

                output.WriteLine();
            }

            return exit;
        }
    }
}
