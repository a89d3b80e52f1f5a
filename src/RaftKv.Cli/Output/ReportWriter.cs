using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RaftKv.Cli.Output;

/// <summary>Writes answers in the format that was asked for.</summary>
internal sealed class ReportWriter(CliConsole console, OutputFormat format)
{
    private static readonly JsonSerializerOptions _pretty = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };
    private static readonly JsonSerializerOptions _line = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The format.</summary>
    public OutputFormat Format => format;

    /// <summary>Writes a whole answer.</summary>
    public void Write(Report report)
    {
        switch (format)
        {
            case OutputFormat.Json:
                console.Out.WriteLine(report.ToDocument().ToJsonString(_pretty));
                break;
            case OutputFormat.Yaml:
                console.Out.Write(YamlText.Of(report.ToDocument()));
                break;
            case OutputFormat.Value:
                WriteValues(report);
                break;
            default:
                WriteTable(report);
                break;
        }
    }

    /// <summary>Writes one of many answers, as it comes: a line of JSON, a document of YAML, a line of text.</summary>
    public void WriteNext(Report report, string line)
    {
        switch (format)
        {
            case OutputFormat.Json:
                console.Out.WriteLine(report.ToDocument().ToJsonString(_line));
                break;
            case OutputFormat.Yaml:
                console.Out.WriteLine("---");
                console.Out.Write(YamlText.Of(report.ToDocument()));
                break;
            case OutputFormat.Value:
                WriteValues(report);
                break;
            default:
                console.Out.WriteLine(line);
                break;
        }

        console.Out.Flush();
    }

    private void WriteValues(Report report)
    {
        if (report.Bytes is { } bytes)
        {
            console.WriteBytes([.. bytes.Span, (byte)'\n']);
            return;
        }

        int column = Math.Max(0, report.Columns.ToList().IndexOf(report.ValueColumn));
        foreach (IReadOnlyList<JsonNode?> row in report.Rows)
        {
            console.Out.WriteLine(TableText.Cell(row[column], isForPeople: false));
        }
    }

    private void WriteTable(Report report)
    {
        if (report.IsItem)
        {
            TableText.WriteItem(console, report);
        }
        else
        {
            TableText.WriteList(console, report);
        }

        if (report.Note is { } note)
        {
            console.Out.WriteLine(note);
        }

        if (report.Answer is { } answer)
        {
            console.Out.WriteLine(Report.Footer(answer));
        }
    }
}
