using System.CommandLine;
using System.Text;
using RaftKv.Cli.Connection;

namespace RaftKv.Cli.Verbs.Kv;

/// <summary>Where a value comes from: a word, standard input, or a file. The latter two keep it out of the list of processes.</summary>
internal sealed class ValueSource
{
    public Argument<string?> Word { get; } = new("value")
    {
        Description = "The value; - reads standard input",
        Arity = ArgumentArity.ZeroOrOne,
    };

    public Option<FileInfo?> FromFile { get; } = new("--file", "-f") { Description = "Read the value from a file", HelpName = "FILE" };

    public byte[] Read(Invocation run)
    {
        string? word = run.Parse.GetValue(Word);
        return (word, run.Parse.GetValue(FromFile)) switch
        {
            (null, { } file) => File.ReadAllBytes(file.FullName),
            ("-", null) => run.Console.ReadBytes(),
            ({ } value, null) => Encoding.UTF8.GetBytes(value),
            _ => throw CtlException.Usage("Give one value: a word, - for standard input, or --file."),
        };
    }
}
