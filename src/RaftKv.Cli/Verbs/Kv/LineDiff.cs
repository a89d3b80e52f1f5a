namespace RaftKv.Cli.Verbs.Kv;

/// <summary>The lines that went, came and stayed, by a longest common subsequence.</summary>
internal static class LineDiff
{
    // The table grows with the product; beyond it, all goes and all comes.
    private const long MostCells = 4_000_000;

    public static List<(char Mark, string Line)> Of(string[] before, string[] after)
    {
        if ((long)before.Length * after.Length > MostCells)
        {
            return [.. before.Select(static line => ('-', line)), .. after.Select(static line => ('+', line))];
        }

        // length[i, j]: of the longest common subsequence of what follows line i and line j.
        int[,] length = new int[before.Length + 1, after.Length + 1];
        for (int i = before.Length - 1; i >= 0; i--)
        {
            for (int j = after.Length - 1; j >= 0; j--)
            {
                length[i, j] = before[i] == after[j] ? length[i + 1, j + 1] + 1 : Math.Max(length[i + 1, j], length[i, j + 1]);
            }
        }

        var lines = new List<(char, string)>();
        int at = 0, to = 0;
        while (at < before.Length || to < after.Length)
        {
            if (at < before.Length && to < after.Length && before[at] == after[to])
            {
                lines.Add((' ', before[at]));
                at++;
                to++;
            }
            else if (at < before.Length && (to == after.Length || length[at + 1, to] >= length[at, to + 1]))
            {
                lines.Add(('-', before[at++]));
            }
            else
            {
                lines.Add(('+', after[to++]));
            }
        }

        return lines;
    }
}
