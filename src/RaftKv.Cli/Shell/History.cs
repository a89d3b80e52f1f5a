using RaftKv.Cli.Connection;

namespace RaftKv.Cli.Shell;

/// <summary>Lines that were typed, kept in a file that only its owner reads. A line that begins with a space is not kept.</summary>
internal sealed class History
{
    // Enough to find last week's command; the file stays small.
    private const int MostLines = 1_000;

    private readonly List<string> _lines;
    private readonly string? _path;

    /// <param name="path">Null keeps them in memory only.</param>
    public History(string? path)
    {
        _path = path;
        _lines = path is not null && File.Exists(path) ? [.. File.ReadLines(path).TakeLast(MostLines)] : [];
    }

    public int Count => _lines.Count;

    public string this[int place] => _lines[place];

    public void Add(string line)
    {
        if (line.Length == 0 || line[0] == ' ' || (_lines.Count > 0 && _lines[^1] == line))
        {
            return;
        }

        _lines.Add(line);
        if (_path is not null)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(_path))!);
            PrivateFile.Write(_path, string.Concat(_lines.TakeLast(MostLines).Select(static kept => kept + "\n")));
        }
    }
}
