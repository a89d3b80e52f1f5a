using System.Globalization;

namespace RaftKv.JepsenStyle.Fakes;

/// <summary>
/// The state of the fake cluster: one file that all its processes append to under a lock. The kernel keeps it through
/// kill -9, and so it is linearizable as long as nobody breaks it on purpose. Used by one thread at a time.
/// </summary>
internal sealed class SharedLog(string directory)
{
    private readonly string _file = Path.Combine(directory, "shared.log");
    private readonly string _lock = Path.Combine(directory, "shared.lock");
    private readonly Dictionary<string, FakePair> _pairs = [];
    private long _read;

    /// <summary>The revision of the newest line read.</summary>
    public long Revision { get; private set; } = 1;

    public FakePair? Get(string key) => _pairs.GetValueOrDefault(key);

    public IEnumerable<FakePair> Below(string prefix) =>
        _pairs.Values
            .Where(pair => pair.Key.StartsWith(prefix, StringComparison.Ordinal))
            .OrderBy(pair => pair.Key, StringComparer.Ordinal);

    /// <summary>Runs something while no other process reads or writes, after reading what they wrote.</summary>
    public T Exclusively<T>(Func<T> action)
    {
        using FileStream held = Acquire(_lock);
        CatchUp();
        return action();
    }

    /// <summary>Writes a key for all to see; only inside <see cref="Exclusively"/>.</summary>
    public FakePair Append(string key, string value)
    {
        using (var stream = new FileStream(_file, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite))
        {
            // What stands behind the last whole line is the rest of a writer that was killed.
            stream.SetLength(_read);
            stream.Position = _read;
            stream.Write(System.Text.Encoding.ASCII.GetBytes($"{key} {value}\n"));
        }

        CatchUp();
        return _pairs[key];
    }

    /// <summary>
    /// Opens a file that only one process at a time can have open; the system closes it with the process.
    /// </summary>
    public static FileStream? TryAcquire(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static FileStream Acquire(string path)
    {
        while (true)
        {
            if (TryAcquire(path) is { } held)
            {
                return held;
            }

            Thread.Sleep(1);
        }
    }

    private void CatchUp()
    {
        if (!File.Exists(_file))
        {
            return;
        }

        using var stream = new FileStream(_file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        stream.Position = _read;
        byte[] bytes = new byte[stream.Length - _read];
        stream.ReadExactly(bytes);
        int end = bytes.AsSpan().LastIndexOf((byte)'\n') + 1;
        foreach (string line in System.Text.Encoding.ASCII.GetString(bytes, 0, end).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] words = line.Split(' ');
            Revision++;
            FakePair? old = _pairs.GetValueOrDefault(words[0]);
            _pairs[words[0]] = new FakePair(words[0], words[1], old?.CreateRevision ?? Revision, Revision, (old?.Version ?? 0) + 1);
        }

        _read += end;
    }
}

/// <summary>A key of the fake store.</summary>
internal sealed record FakePair(string Key, string Value, long CreateRevision, long ModRevision, long Version)
{
    public string ToJson() => string.Create(
        CultureInfo.InvariantCulture,
        $$"""{"key":"{{Key}}","value":"{{Value}}","createRevision":{{CreateRevision}},"modRevision":{{ModRevision}},"""
        + $$""" "version":{{Version}}}""");
}
