using System.CommandLine;
using System.Text;
using RaftKv.Cli.Output;

namespace RaftKv.Cli.Connection;

/// <summary>
/// Where a password comes from: a file, what is piped in, or a person who types it unseen. Never a word of the line, which
/// others read in the list of processes.
/// </summary>
internal sealed class SecretSource
{
    public Option<FileInfo?> FromFile { get; } = new("--password-file")
    {
        Description = "Read the password from a file; else it is asked for, or read from standard input",
        HelpName = "FILE",
    };

    /// <summary>The password: one line.</summary>
    /// <exception cref="CtlException">There is none.</exception>
    public string Read(Invocation run, string prompt)
    {
        string? secret = run.Parse.GetValue(FromFile) is { } file ? FirstLine(File.ReadAllText(file.FullName))
            : run.Console.IsInputTerminal ? Typed(run.Console, prompt)
            : run.Console.In.ReadLine();
        return string.IsNullOrEmpty(secret)
            ? throw CtlException.Usage("A password is needed: --password-file, or a line on standard input.")
            : secret;
    }

    private static string FirstLine(string text) => text.Split('\n', 2)[0].TrimEnd('\r');

    private static string Typed(CliConsole console, string prompt)
    {
        console.Error.Write(prompt + ": ");
        console.Error.Flush();
        var typed = new StringBuilder();
        while (true)
        {
            ConsoleKeyInfo key = Console.ReadKey(intercept: true);
            switch (key.Key)
            {
                case ConsoleKey.Enter:
                    console.Error.WriteLine();
                    return typed.ToString();
                case ConsoleKey.Backspace when typed.Length > 0:
                    typed.Length--;
                    break;
                case var _ when !char.IsControl(key.KeyChar):
                    typed.Append(key.KeyChar);
                    break;
                default:
                    break;
            }
        }
    }
}
