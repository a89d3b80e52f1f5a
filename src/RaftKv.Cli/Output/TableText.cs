using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Spectre.Console;

namespace RaftKv.Cli.Output;

/// <summary>Tables: with lines and colours for a terminal, plain columns for a pipe.</summary>
internal static class TableText
{
    private const string Gap = "  ";

    /// <summary>A name and its value a line.</summary>
    public static void WriteItem(CliConsole console, Report report)
    {
        int width = report.Columns.Max(static column => Heading(column).Length);
        for (int i = 0; i < report.Columns.Count; i++)
        {
            string cell = Cell(report.Rows[0][i], isForPeople: true);
            console.Out.WriteLine($"{Heading(report.Columns[i]).PadRight(width)}{Gap}{cell}".TrimEnd());
        }
    }

    /// <summary>A thing a line.</summary>
    public static void WriteList(CliConsole console, Report report)
    {
        if (console.IsTerminal)
        {
            console.Pictures().Write(ToTable(report));
            return;
        }

        string[] headings = [.. report.Columns.Select(static column => Heading(column).ToUpperInvariant())];
        string[][] rows = [.. report.Rows.Select(static row => row.Select(static cell => Cell(cell, isForPeople: true)).ToArray())];
        int[] widths = [.. headings.Select((heading, i) => rows.Select(row => row[i].Length).Append(heading.Length).Max())];
        foreach (string[] row in rows.Prepend(headings))
        {
            console.Out.WriteLine(string.Join(Gap, row.Select((cell, i) => cell.PadRight(widths[i]))).TrimEnd());
        }
    }

    /// <summary>The list as Spectre draws it.</summary>
    public static Table ToTable(Report report)
    {
        var table = new Table { Border = TableBorder.Rounded };
        foreach (string column in report.Columns)
        {
            table.AddColumn(new TableColumn(new Text(Heading(column))));
        }

        foreach (IReadOnlyList<JsonNode?> row in report.Rows)
        {
            table.AddRow(row.Select(static cell => new Text(Cell(cell, isForPeople: true))));
        }

        return table;
    }

    /// <summary>A fact as text; for people without what could steer their terminal.</summary>
    public static string Cell(JsonNode? cell, bool isForPeople)
    {
        string text = cell switch
        {
            null => isForPeople ? "-" : "",
            JsonArray list => string.Join(", ", list.Select(item => Cell(item, isForPeople))),
            JsonValue value when value.GetValueKind() == JsonValueKind.String => value.GetValue<string>(),
            JsonValue value when value.GetValueKind() == JsonValueKind.True => isForPeople ? "yes" : "true",
            JsonValue value when value.GetValueKind() == JsonValueKind.False => isForPeople ? "no" : "false",
            _ => cell.ToJsonString(),
        };
        return isForPeople ? Harmless(text) : text;
    }

    /// <summary>Control characters made visible.</summary>
    public static string Harmless(string text)
    {
        if (!text.Any(char.IsControl))
        {
            return text;
        }

        var safe = new StringBuilder();
        foreach (char c in text)
        {
            _ = c switch
            {
                '\n' => safe.Append("\\n"),
                '\t' => safe.Append("\\t"),
                _ when char.IsControl(c) => safe.Append($"\\x{(int)c:x2}"),
                _ => safe.Append(c),
            };
        }

        return safe.ToString();
    }

    /// <summary><c>modRevision</c> becomes <c>mod revision</c>.</summary>
    private static string Heading(string column)
    {
        var heading = new StringBuilder();
        foreach (char c in column)
        {
            heading.Append(char.IsUpper(c) ? " " : "").Append(char.ToLowerInvariant(c));
        }

        return heading.ToString();
    }
}
