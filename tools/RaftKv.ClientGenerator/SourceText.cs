using System.Text;

namespace RaftKv.ClientGenerator;

/// <summary>Lines with an indent.</summary>
internal sealed class SourceText(string indent)
{
    private const int Width = 110;

    private readonly StringBuilder _text = new();

    /// <summary>One line; an empty one has no indent.</summary>
    public void Line(int depth, string text)
    {
        for (int i = 0; i < depth && text.Length > 0; i++)
        {
            _text.Append(indent);
        }

        _text.Append(text).Append('\n');
    }

    /// <summary>Lines of prose, broken at blanks, each after the same beginning.</summary>
    public void Prose(int depth, string beginning, string text)
    {
        var line = new StringBuilder();
        foreach (string word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Length > 0 && line.Length + word.Length + (depth * indent.Length) + beginning.Length >= Width)
            {
                Line(depth, beginning + line);
                line.Clear();
            }

            line.Append(line.Length > 0 ? " " : "").Append(word);
        }

        if (line.Length > 0)
        {
            Line(depth, beginning + line);
        }
    }

    /// <summary>Pairs between two brackets: on one line, or on a line each where that would be a long one.</summary>
    public void Pairs(int depth, string open, List<string> pairs, string close)
    {
        string one = open + string.Join(", ", pairs) + close;
        if (one.Length + (depth * indent.Length) <= Width)
        {
            Line(depth, one);
            return;
        }

        Line(depth, open);
        foreach (string pair in pairs)
        {
            Line(depth + 1, pair + ",");
        }

        Line(depth, close);
    }

    public override string ToString() => _text.ToString();
}
