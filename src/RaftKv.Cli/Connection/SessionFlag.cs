using System.CommandLine;

namespace RaftKv.Cli.Connection;

/// <summary>A session that goes on from one command to the next: what one has seen, the next one sees too.</summary>
internal sealed class SessionFlag
{
    private const string Variable = "RAFTKV_SESSION";

    public Option<string?> Option { get; } = new("--session")
    {
        Description = "A session token, or @FILE that keeps one between commands (RAFTKV_SESSION)",
        HelpName = "TOKEN",
    };

    /// <summary>Where the token is kept; null when it is not.</summary>
    public string? File(ParseResult parse, CliContext? context) =>
        Said(parse) is { } said ? said.StartsWith('@') ? said[1..] : null : context?.SessionFile;

    /// <summary>The token to begin with; null for none.</summary>
    public string? Token(ParseResult parse, CliContext? context)
    {
        if (File(parse, context) is { } file)
        {
            string token = System.IO.File.Exists(file) ? System.IO.File.ReadAllText(file).Trim() : "";
            return token.Length == 0 ? null : token;
        }

        return Said(parse);
    }

    private string? Said(ParseResult parse) =>
        (parse.GetResult(Option) is null ? null : parse.GetValue(Option)) ?? Environment.GetEnvironmentVariable(Variable);
}
