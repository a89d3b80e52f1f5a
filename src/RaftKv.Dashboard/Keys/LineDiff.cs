namespace RaftKv.Dashboard.Keys;

/// <summary>A line of a difference: kept, added or removed.</summary>
public readonly record struct DiffLine(char Kind, string Text);

/// <summary>The difference of two texts, line by line, by their longest common subsequence. A pure function.</summary>
internal static class LineDiff
{
    /// <summary>Texts of more lines are shown as one replaced by the other: the table grows with the product.</summary>
    internal const int MaxLines = 1500;

    /// <summary>The lines of both: ' ' in both, '-' only before, '+' only after.</summary>
    public static IReadOnlyList<DiffLine> Of(string before, string after)
    {
        string[] left = Lines(before);
        string[] right = Lines(after);
        int head = 0;
        while (head < left.Length && head < right.Length && left[head] == right[head])
        {
            head++;
        }

        int tail = 0;
        while (tail < left.Length - head && tail < right.Length - head && left[^(tail + 1)] == right[^(tail + 1)])
        {
            tail++;
        }

        var lines = new List<DiffLine>(left.Length + right.Length);
        lines.AddRange(left.Take(head).Select(static text => new DiffLine(' ', text)));
        Middle(left[head..^tail], right[head..^tail], lines);
        lines.AddRange(left.Skip(left.Length - tail).Select(static text => new DiffLine(' ', text)));
        return lines;
    }

    private static string[] Lines(string text) =>
        text.Length == 0 ? [] : text.Replace("\r\n", "\n", StringComparison.Ordinal).Split('\n');

    private static void Middle(string[] left, string[] right, List<DiffLine> lines)
    {
        int i = 0;
        int j = 0;
        if (left.Length <= MaxLines && right.Length <= MaxLines)
        {
            int[,] common = CommonLengths(left, right);
            while (i < left.Length && j < right.Length)
            {
                if (left[i] == right[j])
                {
                    lines.Add(new DiffLine(' ', left[i++]));
                    j++;
                }
                else if (common[i + 1, j] >= common[i, j + 1])
                {
                    lines.Add(new DiffLine('-', left[i++]));
                }
                else
                {
                    lines.Add(new DiffLine('+', right[j++]));
                }
            }
        }

        lines.AddRange(left.Skip(i).Select(static text => new DiffLine('-', text)));
        lines.AddRange(right.Skip(j).Select(static text => new DiffLine('+', text)));
    }

    private static int[,] CommonLengths(string[] left, string[] right)
    {
        var common = new int[left.Length + 1, right.Length + 1];
        for (int i = left.Length - 1; i >= 0; i--)
        {
            for (int j = right.Length - 1; j >= 0; j--)
            {
                common[i, j] = left[i] == right[j] ? common[i + 1, j + 1] + 1 : Math.Max(common[i + 1, j], common[i, j + 1]);
            }
        }

        return common;
    }
}
