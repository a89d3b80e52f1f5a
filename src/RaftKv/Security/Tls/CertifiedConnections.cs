using System.Collections.Concurrent;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using RaftKv.Diagnostics;

namespace RaftKv.Security.Tls;

/// <summary>
/// Open connections that were let in for their certificate. When new roots or revocations are taken they are judged again, and
/// those that would not be let in any more end: a watch may last for weeks. Any thread.
/// </summary>
internal sealed class CertifiedConnections : IDisposable
{
    private readonly ConcurrentDictionary<Place, byte> _open = new();
    private readonly TlsSource _source;
    private readonly string[] _purposes;
    private readonly TimeSpan _grace;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    /// <param name="purposes">What certificates must be good for.</param>
    /// <param name="grace">For calls under way: a connection is asked to close first, and cut after this; zero cuts at once.</param>
    public CertifiedConnections(TlsSource source, string[] purposes, TimeSpan grace, TimeProvider time, ILogger logger)
    {
        _source = source;
        _purposes = purposes;
        _grace = grace;
        _time = time;
        _logger = logger;
        source.Changed += JudgeAgain;
    }

    /// <summary>Keeps an eye on one until the result is disposed.</summary>
    public IDisposable Add(ConnectionContext connection, ShownCertificate shown)
    {
        var place = new Place(this, connection, shown);
        _open[place] = 0;
        return place;
    }

    /// <summary>Ends the look.</summary>
    public void Dispose() => _source.Changed -= JudgeAgain;

    private void JudgeAgain()
    {
        TlsMaterial material = _source.Current;
        foreach ((Place place, _) in _open)
        {
            if (CertificateJudge.ProblemOf(place.Shown.Leaf, place.Shown.Sent, material, _purposes) is { } problem)
            {
                TlsLog.NoLongerGood(_logger, material.Files.Use, place.Connection.RemoteEndPoint?.ToString() ?? "unknown", problem);
                place.End(problem);
            }
        }
    }

    private sealed class Place(CertifiedConnections owner, ConnectionContext connection, ShownCertificate shown) : IDisposable
    {
        private ITimer? _cut;

        public ConnectionContext Connection { get; } = connection;

        public ShownCertificate Shown { get; } = shown;

        public void End(string problem)
        {
            if (owner._grace > TimeSpan.Zero && Connection.Features.Get<IConnectionLifetimeNotificationFeature>() is { } lifetime)
            {
                lifetime.RequestClose();
                _cut ??= owner._time.CreateTimer(_ => Cut(problem), null, owner._grace, Timeout.InfiniteTimeSpan);
                return;
            }

            Cut(problem);
        }

        public void Dispose()
        {
            owner._open.TryRemove(this, out _);
            _cut?.Dispose();
        }

        private void Cut(string problem) => Connection.Abort(new ConnectionAbortedException(problem));
    }
}
