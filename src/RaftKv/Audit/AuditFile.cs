using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace RaftKv.Audit;

/// <summary>
/// The audit's file, which is put aside as <c>.1</c>, <c>.2</c> … when it is large enough. With a chain each line ends with a
/// hash of itself and of the line before, so that a line that was changed or taken out shows. One thread.
/// </summary>
internal sealed class AuditFile : IAuditSink
{
    private readonly string _path;
    private readonly bool _isChained;
    private readonly long _maxBytes;
    private readonly int _kept;
    private StreamWriter? _writer;
    private long _bytes;
    private string _last = "";

    /// <param name="kept">Files that are kept beside the current one.</param>
    public AuditFile(string path, bool isChained, long maxBytes = 64L * 1024 * 1024, int kept = 8)
    {
        _path = path;
        _isChained = isChained;
        _maxBytes = maxBytes;
        _kept = kept;
        _last = isChained && File.Exists(path) ? LastHashIn(path) : "";
        Open();
    }

    /// <summary>The number of the first line whose hash is wrong, from 1; 0 when all are right.</summary>
    /// <param name="before">The hash of the line before the first; empty for the first of all.</param>
    public static int FirstBroken(IEnumerable<string> lines, string before = "")
    {
        int number = 0;
        foreach (string line in lines)
        {
            number++;
            int at = line.LastIndexOf(" #", StringComparison.Ordinal);
            if (at < 0 || Hash(before, line[..at]) != line[(at + 2)..])
            {
                return number;
            }

            before = line[(at + 2)..];
        }

        return 0;
    }

    /// <inheritdoc/>
    public bool TryWrite(string line)
    {
        try
        {
            if (_bytes >= _maxBytes)
            {
                Rotate();
            }

            if (_isChained)
            {
                string hash = Hash(_last, line);
                line = $"{line} #{hash}";
                _last = hash;
            }

            _writer!.WriteLine(line);
            _bytes += Encoding.UTF8.GetByteCount(line) + 1;
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public void Flush()
    {
        try
        {
            _writer?.Flush();
        }
        catch (IOException)
        {
            // The lines are lost, and the next ones may be: they are counted as they come.
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _writer?.Dispose();

    private void Open()
    {
        var file = new FileStream(_path, FileMode.Append, FileAccess.Write, FileShare.Read);
        _bytes = file.Length;
        _writer = new StreamWriter(file, new UTF8Encoding(false));
        if (!OperatingSystem.IsWindows())
        {
            // Who may read it is the operator's to say; others may not.
            File.SetUnixFileMode(_path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    private void Rotate()
    {
        _writer!.Dispose();
        for (int i = _kept; i >= 1; i--)
        {
            string from = i == 1 ? _path : Aside(i - 1);
            if (File.Exists(from))
            {
                File.Move(from, Aside(i), overwrite: true);
            }
        }

        Open();
    }

    private string Aside(int number) => string.Create(CultureInfo.InvariantCulture, $"{_path}.{number}");

    private static string LastHashIn(string path)
    {
        string last = File.ReadLines(path).LastOrDefault() ?? "";
        int at = last.LastIndexOf(" #", StringComparison.Ordinal);
        return at < 0 ? "" : last[(at + 2)..];
    }

    private static string Hash(string before, string line) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(before + line)));
}
