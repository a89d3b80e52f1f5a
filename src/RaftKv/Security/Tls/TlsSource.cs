using RaftKv.Diagnostics;

namespace RaftKv.Security.Tls;

/// <summary>
/// The PEM files of a port, looked at twice a second: what is new is taken when two looks found the same, every block is whole
/// and the key fits. Until then, and when it never does, the old goes on. Connections that begin use the newest.
/// </summary>
/// <remarks>
/// By looking, not by being told: a mounted secret is swapped by a symbolic link, a network drive tells nothing, and three
/// small files cost microseconds. Any thread may read; one look at a time.
/// </remarks>
internal sealed class TlsSource : IDisposable
{
    /// <summary>Between two looks, so that new files count after a second or so.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private readonly ILogger _logger;
    private readonly ITimer _timer;
    private volatile TlsMaterial _current;
    private string _taken;
    private string? _seen;
    private string? _refused;
    private string? _lastProblem;
    private long _reloadCount;
    private long _failedCount;
    private int _isLooking;

    /// <summary>Reads the files. Throws <see cref="TlsFilesException"/> when they can't be used.</summary>
    public TlsSource(TlsFiles files, TimeProvider time, ILogger logger)
    {
        Files = files;
        _logger = logger;
        TlsBytes bytes = TlsBytes.Read(files);
        _current = TlsMaterial.Load(files, bytes);
        _taken = bytes.Digest();
        _timer = time.CreateTimer(static source => ((TlsSource)source!).Look(), this, Interval, Interval);
    }

    /// <summary>Raised after new files were taken, on the thread that looked.</summary>
    public event Action? Changed;

    /// <summary>Where they are.</summary>
    public TlsFiles Files { get; }

    /// <summary>The newest that was taken.</summary>
    public TlsMaterial Current => _current;

    /// <summary>Times that new files were taken.</summary>
    public long ReloadCount => Interlocked.Read(ref _reloadCount);

    /// <summary>Times that new files could not be used.</summary>
    public long FailedCount => Interlocked.Read(ref _failedCount);

    /// <summary>Looks once.</summary>
    public void Look()
    {
        if (Interlocked.Exchange(ref _isLooking, 1) != 0)
        {
            return;
        }

        try
        {
            TlsBytes bytes = TlsBytes.Read(Files);
            string digest = bytes.Digest();
            if (digest == _taken)
            {
                _seen = null;
            }
            else if (digest != _seen)
            {
                // Whoever writes the files may be in the middle of it, and the next look will tell.
                _seen = digest;
            }
            else if (digest != _refused)
            {
                Take(digest, bytes);
            }
        }
        catch (TlsFilesException unusable)
        {
            Refuse(unusable.Message);
        }
        finally
        {
            Volatile.Write(ref _isLooking, 0);
        }
    }

    /// <summary>Ends the looks.</summary>
    public void Dispose() => _timer.Dispose();

    private void Take(string digest, TlsBytes bytes)
    {
        TlsMaterial next;
        try
        {
            next = TlsMaterial.Load(Files, bytes);
        }
        catch (TlsFilesException unusable)
        {
            _refused = digest;
            Refuse(unusable.Message);
            return;
        }

        _current = next;
        _taken = digest;
        _seen = null;
        _refused = null;
        _lastProblem = null;
        Interlocked.Increment(ref _reloadCount);
        TlsLog.Reloaded(_logger, Files.Use, next.Leaf.Subject, next.Leaf.NotAfter.ToUniversalTime());
        Changed?.Invoke();
    }

    // Said once, not each second.
    private void Refuse(string problem)
    {
        bool isNews = problem != _lastProblem;
        _lastProblem = problem;
        if (isNews)
        {
            Interlocked.Increment(ref _failedCount);
            TlsLog.NotTaken(_logger, Files.Use, problem);
        }
    }
}
