using System.CommandLine;
using System.CommandLine.Completions;
using RaftKv.Cli.Connection;
using RaftKv.Cli.Processes;

namespace RaftKv.Cli.Shell;

/// <summary>Commands one after the other, without starting the program for each.</summary>
internal static class ShellVerb
{
    /// <param name="root">The commands, read when a line is typed.</param>
    /// <param name="runLine">Runs one of them; the exit code.</param>
    public static Command Make(
        VerbFactory make, Interrupts interrupts, Func<RootCommand> root, Func<IReadOnlyList<string>, CancellationToken,
            Task<int>> runLine) =>
        make.Make(
            "shell", "Type commands, with history and completion. The shell's own options hold for each; exit or Ctrl+D leaves.",
            ["raftkvctl shell", "raftkvctl shell --context prod", "raftkvctl shell < commands.txt"], [],
            run => RunAsync(run, make, interrupts, root, runLine));

    private static async Task<int> RunAsync(
        Invocation run, VerbFactory make, Interrupts interrupts, Func<RootCommand> root,
        Func<IReadOnlyList<string>, CancellationToken, Task<int>> runLine)
    {
        List<(Option Option, string Value)> common = [.. CommonOptions(run, make)];
        bool isTyped = run.Console is { IsInputTerminal: true, IsTerminal: true };
        string historyFile =
            Path.Combine(
                Path.GetDirectoryName(Path.GetFullPath(ConfigFile.Load(run.Parse.GetValue(make.Global.Config)).Path))!, "history");
        var editor = new LineEditor(run.Console.Out, new History(isTyped ? historyFile : null), (line, cursor) =>
            Complete(root(), line, cursor), static () => System.Console.WindowWidth);
        int exit = CtlExit.Ok;
        while (!run.Stop.IsCancellationRequested && (isTyped ? ReadKeys(editor) : run.Console.In.ReadLine()) is { } line)
        {
            IReadOnlyList<string>? words = Words.Split(line);
            switch (words)
            {
                case null:
                    run.Console.Error.WriteLine("raftkvctl: a quote is not closed.");
                    exit = CtlExit.Usage;
                    continue;
                case [] or [['#', ..], ..]:
                    continue;
                case ["exit" or "quit", ..]:
                    return exit;
                case ["shell", ..]:
                    run.Console.Error.WriteLine("raftkvctl: this is the shell already.");
                    continue;
                case ["help", ..]:
                    words = [.. words.Skip(1), "--help"];
                    break;
            }

            exit = await interrupts.RunAsync(stop => runLine(With(common, words), stop)).ConfigureAwait(false);
        }

        return exit;
    }

    private static string? ReadKeys(LineEditor editor)
    {
        bool was = System.Console.TreatControlCAsInput;
        System.Console.TreatControlCAsInput = true;
        try
        {
            return editor.Read("raftkv> ", static () => System.Console.ReadKey(intercept: true));
        }
        finally
        {
            System.Console.TreatControlCAsInput = was;
        }
    }

    private static IReadOnlyList<string> Complete(RootCommand root, string line, int cursor) =>
        [.. root.Parse(line).GetCompletions(cursor).Select(static (CompletionItem item) => item.InsertText ?? item.Label)];

    // What the shell was started with holds for its commands, unless a line says otherwise.
    private static IEnumerable<(Option Option, string Value)> CommonOptions(Invocation run, VerbFactory make) =>
        from option in make.Global.All
        let said = run.Parse.GetResult(option)
        where said is { Implicit: false }
        select (option, said.Tokens[0].Value);

    private static string[] With(List<(Option Option, string Value)> common, IReadOnlyList<string> words) =>
    [
        .. common
            .Where(pair =>
                !words.Any(word => Names(pair.Option).Any(name => word == name || word.StartsWith(name + "=", StringComparison.Ordinal))))
            .SelectMany(static pair => new[] { pair.Option.Name, pair.Value }),
        .. words,
    ];

    private static IEnumerable<string> Names(Option option) => option.Aliases.Append(option.Name);
}
