using RaftKv.Diagnostics;

namespace RaftKv.Security.Tls;

/// <summary>Says what ends soon, or has ended: at the start, when it becomes so, and then once a day. On a timer's thread.</summary>
internal sealed class ExpiryWatch : IDisposable
{
    /// <summary>Between two looks.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan _repeat = TimeSpan.FromDays(1);

    private readonly IReadOnlyList<TlsSource> _sources;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Dictionary<(CertificateFact Fact, bool HasEnded), DateTimeOffset> _said = [];
    private readonly ITimer? _timer;

    /// <summary>Looks once, and begins to look.</summary>
    public ExpiryWatch(IReadOnlyList<TlsSource> sources, TimeProvider time, ILogger logger)
    {
        _sources = sources;
        _time = time;
        _logger = logger;
        Look();
        _timer = sources.Count == 0 ? null : time.CreateTimer(static watch => ((ExpiryWatch)watch!).Look(), this, Interval, Interval);
    }

    /// <summary>What ends when, of what is in use now.</summary>
    public IReadOnlyList<CertificateFact> Facts => [.. _sources.SelectMany(static source => source.Current.Facts)];

    /// <summary>Ends the looks.</summary>
    public void Dispose() => _timer?.Dispose();

    private void Look()
    {
        DateTimeOffset now = _time.GetUtcNow();
        lock (_said)
        {
            IReadOnlyList<CertificateFact> facts = Facts;
            foreach ((CertificateFact Fact, bool HasEnded) gone in _said.Keys.Where(key => !facts.Contains(key.Fact)).ToList())
            {
                _said.Remove(gone);
            }

            foreach (CertificateFact fact in facts.Where(fact => fact.EndsSoon(now)))
            {
                Say(fact, now);
            }
        }
    }

    private void Say(CertificateFact fact, DateTimeOffset now)
    {
        bool hasEnded = now > fact.Until;
        if (_said.TryGetValue((fact, hasEnded), out DateTimeOffset last) && now - last < _repeat)
        {
            return;
        }

        _said[(fact, hasEnded)] = now;
        if (hasEnded)
        {
            TlsLog.HasEnded(_logger, fact.Use, fact.Kind, fact.Subject, fact.Until);
        }
        else
        {
            TlsLog.EndsSoon(_logger, fact.Use, fact.Kind, fact.Subject, fact.Until);
        }
    }
}
