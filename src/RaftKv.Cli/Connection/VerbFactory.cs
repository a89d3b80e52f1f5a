using System.CommandLine;
using RaftKv.Cli.Output;

namespace RaftKv.Cli.Connection;

/// <summary>Makes commands that are alike in how they begin, fail and end.</summary>
internal sealed class VerbFactory(CliConsole console, GlobalOptions global)
{
    private readonly Dictionary<Command, string[]> _examples = [];

    /// <summary>The streams of this program.</summary>
    public CliConsole Console => console;

    /// <summary>Options of every command.</summary>
    public GlobalOptions Global => global;

    /// <summary>Examples of a command, for its help.</summary>
    public IReadOnlyList<string> ExamplesOf(Command command) => _examples.GetValueOrDefault(command) ?? [];

    /// <summary>A command that has others below it.</summary>
    public Command Group(string name, string description, params Command[] commands)
    {
        var group = new Command(name, description);
        foreach (Command command in commands)
        {
            group.Add(command);
        }

        return group;
    }

    /// <summary>A command that does something.</summary>
    /// <param name="examples">Whole lines, for the help.</param>
    /// <param name="symbols">Its arguments and options.</param>
    /// <param name="run">Ends with an exit code.</param>
    public Command Make(
        string name, string description, string[] examples, IEnumerable<Symbol> symbols, Func<Invocation, Task<int>> run)
    {
        var command = new Command(name, description);
        foreach (Symbol symbol in symbols)
        {
            switch (symbol)
            {
                case Argument argument:
                    command.Add(argument);
                    break;
                case Option option:
                    command.Add(option);
                    break;
                default:
                    throw new InvalidOperationException($"{symbol.Name} is neither argument nor option.");
            }
        }

        _examples[command] = examples;
        command.SetAction((parse, stop) => RunAsync(parse, run, stop));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parse, Func<Invocation, Task<int>> run, CancellationToken stop)
    {
        try
        {
            Invocation invocation = await Invocation.BeginAsync(parse, console, global, stop).ConfigureAwait(false);
            await using (invocation.ConfigureAwait(false))
            {
                return await run(invocation).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return CtlExit.Ok;
        }
        catch (Exception failure) when (Failures.Explain(failure) is { } explained)
        {
            console.Error.WriteLine($"raftkvctl: {explained.Sentence}");
            return explained.ExitCode;
        }
    }
}
