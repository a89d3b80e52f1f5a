namespace RaftKv.EtcdConformance.Scripted;

/// <summary>The scripts beside the tests: one step a line, '#' begins a comment.</summary>
internal static class ScriptFile
{
    public static IEnumerable<string> Lines(string name)
    {
        using Stream stream = typeof(ScriptFile).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"{name} is not in the assembly.");
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            if (line.Length > 0 && line[0] != '#')
            {
                yield return line;
            }
        }
    }
}
