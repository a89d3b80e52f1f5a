using System.Text;
using Spectre.Console;

namespace RaftKv.Cli.Output;

/// <summary>Where a command reads and writes: the process's own streams, or a test's.</summary>
internal sealed class CliConsole
{
    private readonly Stream? _bytes;

    /// <summary>A console of these streams; nobody looks at it as at a terminal.</summary>
    public CliConsole(TextWriter output, TextWriter error, TextReader input)
    {
        Out = output;
        Error = error;
        In = input;
    }

    private CliConsole(Stream bytes)
    {
        _bytes = bytes;
        Out = Console.Out;
        Error = Console.Error;
        In = Console.In;
        IsTerminal = !Console.IsOutputRedirected;
        IsErrorTerminal = !Console.IsErrorRedirected;
        IsInputTerminal = !Console.IsInputRedirected;
        IsColored = IsTerminal && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
    }

    /// <summary>What was asked for.</summary>
    public TextWriter Out { get; }

    /// <summary>What is said besides.</summary>
    public TextWriter Error { get; }

    /// <summary>What is piped in or typed.</summary>
    public TextReader In { get; }

    /// <summary>A person looks at <see cref="Out"/>.</summary>
    public bool IsTerminal { get; }

    /// <summary>A person looks at <see cref="Error"/>.</summary>
    public bool IsErrorTerminal { get; }

    /// <summary>A person types.</summary>
    public bool IsInputTerminal { get; }

    /// <summary>Colours are welcome.</summary>
    public bool IsColored { get; init; }

    /// <summary>The process's own.</summary>
    public static CliConsole OfProcess() => new(Console.OpenStandardOutput());

    /// <summary>For tables and live pictures on <see cref="Out"/>.</summary>
    public IAnsiConsole Pictures() => Ansi(Out);

    /// <summary>For progress, beside the output.</summary>
    public IAnsiConsole Progress() => Ansi(Error);

    /// <summary>Bytes as they are.</summary>
    public void WriteBytes(ReadOnlySpan<byte> bytes)
    {
        if (_bytes is null)
        {
            Out.Write(Encoding.UTF8.GetString(bytes));
            return;
        }

        Out.Flush();
        _bytes.Write(bytes);
        _bytes.Flush();
    }

    /// <summary>All bytes that are piped in.</summary>
    public byte[] ReadBytes()
    {
        if (_bytes is null)
        {
            return Encoding.UTF8.GetBytes(In.ReadToEnd());
        }

        using Stream input = Console.OpenStandardInput();
        using var all = new MemoryStream();
        input.CopyTo(all);
        return all.ToArray();
    }

    private IAnsiConsole Ansi(TextWriter writer) => AnsiConsole.Create(new AnsiConsoleSettings
    {
        Out = new AnsiConsoleOutput(writer),
        ColorSystem = IsColored ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
    });
}
