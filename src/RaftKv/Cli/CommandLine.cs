namespace RaftKv.Cli;

/// <summary>
/// Words of a command line: flags with a value (<c>--name n1</c> or <c>--name=n1</c>), switches, and words without
/// dashes. By hand, since a library of parsing costs more start-up time than the whole recovery of a node.
/// </summary>
internal sealed class CommandLine
{
    private CommandLine(IReadOnlyList<string> words, IReadOnlyList<KeyValuePair<string, string>> flags, IReadOnlySet<string> switches)
    {
        Words = words;
        Flags = flags;
        Switches = switches;
    }

    /// <summary>What has no dashes.</summary>
    public IReadOnlyList<string> Words { get; }

    /// <summary>Flags with their values, in order.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Flags { get; }

    /// <summary>Flags without a value.</summary>
    public IReadOnlySet<string> Switches { get; }

    /// <summary>Reads the arguments; null, with a sentence, when one is unknown or lacks its value.</summary>
    public static CommandLine? Parse(
        ReadOnlySpan<string> arguments, IReadOnlyCollection<string> knownFlags, IReadOnlyCollection<string> knownSwitches, out string problem)
    {
        var words = new List<string>();
        var flags = new List<KeyValuePair<string, string>>();
        var switches = new HashSet<string>();
        problem = "";
        for (int i = 0; i < arguments.Length; i++)
        {
            string argument = arguments[i];
            if (!argument.StartsWith('-') || argument == "-")
            {
                words.Add(argument);
                continue;
            }

            int equals = argument.IndexOf('=', StringComparison.Ordinal);
            string name = (equals < 0 ? argument : argument[..equals]).TrimStart('-');
            if (knownSwitches.Contains(name) && equals < 0)
            {
                switches.Add(name);
            }
            else if (!knownFlags.Contains(name))
            {
                problem = $"{argument} is no option here; see raftkv --help.";
                return null;
            }
            else if (equals >= 0)
            {
                flags.Add(new(name, argument[(equals + 1)..]));
            }
            else if (i + 1 < arguments.Length)
            {
                flags.Add(new(name, arguments[++i]));
            }
            else
            {
                problem = $"--{name} needs a value; see raftkv --help.";
                return null;
            }
        }

        return new CommandLine(words, flags, switches);
    }

    /// <summary>The last value of a flag, or null.</summary>
    public string? Value(string flag)
    {
        string? value = null;
        foreach (KeyValuePair<string, string> pair in Flags)
        {
            value = pair.Key == flag ? pair.Value : value;
        }

        return value;
    }
}
