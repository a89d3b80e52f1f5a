using System.Net;
using System.Net.Sockets;
using DnsClient;
using RaftKv.Core;
using RaftKv.Core.Identity;
using RaftKv.Core.Raft.Members;
using RaftKv.Diagnostics;
using RaftKv.Transport;

namespace RaftKv.Hosting.Formation;

/// <summary>
/// As many directories as a cluster is to be founded by, which find each other: at the seeds, as they are looked up now, at
/// the addresses that others tell, and where those are who ask. An address is only where to ask; who is there counts by its own
/// word, and only as long as it answers.
/// </summary>
internal sealed class SeededCircle : FoundingCircle
{
    // Every member's, under a name, by number and at its last place; beyond that somebody tells nonsense.
    private const int MostAddresses = 4 * Membership.MaxMembers;

    // Names may move at any time; a server that is asked so often has nothing to do.
    private static readonly TimeSpan LookUpEvery = TimeSpan.FromSeconds(1);

    private readonly int _expected;
    private readonly IReadOnlyList<Seed> _seeds;
    private readonly PeerDialer _dialer;
    private readonly ILogger _logger;
    private readonly LogLimiter _failures = new(TimeProvider.System);
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, FoundingPeer> _peers = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _told = new(StringComparer.Ordinal);
    private volatile string[] _known = [];
    private long? _lookedUpAt;
    private SortedSet<string> _current = new(StringComparer.Ordinal);

    /// <summary>Nobody is known yet.</summary>
    /// <param name="roll">Whom the directory has promised itself to; null while it is open.</param>
    public SeededCircle(NodeOptions options, FoundingRoll? roll, PeerDialer dialer, ILogger logger)
    {
        _expected = options.BootstrapExpect;
        _seeds = options.Seeds;
        _dialer = dialer;
        _logger = logger;
        foreach (FoundingSeat seat in roll?.Seats ?? [])
        {
            Meet(seat.Url);
        }

        Meet(options.AdvertisedPeerUrl);
    }

    /// <inheritdoc/>
    public override IReadOnlyCollection<string> Known => _known;

    private FoundingWord[] Heard
    {
        get
        {
            lock (_gate)
            {
                return [.. _peers.Values.Select(static peer => peer.Word).OfType<FoundingWord>()];
            }
        }
    }

    /// <inheritdoc/>
    public override FoundingWord Say(FoundingWord own) => GatheringRules.Say(own, _expected, Heard);

    /// <inheritdoc/>
    public override FoundingStep Next(FoundingWord own) => GatheringRules.Next(own, _expected, Heard);

    /// <inheritdoc/>
    public override void Meet(string url)
    {
        // Only what can be dialled is told to others.
        if (PeerAddress.Parse("", new NodeId(1), url) is null)
        {
            return;
        }

        lock (_gate)
        {
            if (_told.Count < MostAddresses && _told.Add(url))
            {
                _known = [.. _told.Take(Membership.MaxMembers)];
            }
        }
    }

    /// <inheritdoc/>
    public override async Task AskAsync(FoundingWord said, CancellationToken cancellationToken)
    {
        await LookUpAsync(cancellationToken).ConfigureAwait(false);
        FoundingPeer[] peers;
        lock (_gate)
        {
            peers = [.. _peers.Values];
        }

        await Task.WhenAll(peers.Select(peer => peer.AskAsync(said, _known, cancellationToken))).ConfigureAwait(false);
        foreach (FoundingPeer peer in peers)
        {
            peer.ForgetIfSilent();
            foreach (string url in peer.HasAnswered ? [peer.Word!.Url, .. peer.Known] : (string[])[])
            {
                Meet(url);
            }
        }
    }

    /// <inheritdoc/>
    public override string WaitsFor(FoundingStep.Wait wait, FoundingWord own)
    {
        if (own.Roll is not null)
        {
            return wait.Missing;
        }

        string[] names = [.. FoundersOf(own)];
        return names.Length < _expected
            ? $"{_expected - names.Length} more of {_expected} nodes ({string.Join(", ", names)} so far)"
            : $"{wait.Missing}, which does not know all {_expected} nodes yet";
    }

    /// <inheritdoc/>
    public override string TextOf(FoundingStep.Refuse refusal, FoundingWord own, string path) => refusal.Reason switch
    {
        FoundingRefusal.TooMany => FormationTexts.TooMany(path, _expected, FoundersOf(own)),
        FoundingRefusal.NameTwice => FormationTexts.NameTwice(path, own, refusal.By),
        _ => FormationTexts.Of(refusal, own, path),
    };

    private IEnumerable<string> FoundersOf(FoundingWord own) => Heard
        .Where(word => word.Stage == FoundingStage.Open && word.List == own.List).Select(static word => word.Name)
        .Append(own.Name).Distinct().Order(StringComparer.Ordinal);

    // Which addresses are asked: those of the seeds now, and those that were told.
    private async Task LookUpAsync(CancellationToken cancellationToken)
    {
        if (_lookedUpAt is not { } before || TimeProvider.System.GetElapsedTime(before) >= LookUpEvery)
        {
            var found = new SortedSet<string>(StringComparer.Ordinal);
            foreach (Seed seed in _seeds)
            {
                foreach (DnsEndPoint address in await FindAsync(seed, cancellationToken).ConfigureAwait(false))
                {
                    found.Add(UrlOf(address));
                }
            }

            _current = found;
            _lookedUpAt = TimeProvider.System.GetTimestamp();
        }

        lock (_gate)
        {
            foreach (string url in _current.Concat(_told).Take(MostAddresses))
            {
                if (!_peers.ContainsKey(url) && PeerAddress.Parse("", new NodeId(1), url) is { } address)
                {
                    _peers.Add(url, new FoundingPeer("", address.Host, address.Port, _dialer, _logger));
                }
            }

            // Where nobody was ever heard, and no seed leads any more.
            string[] gone = [.. _peers.Where(peer => peer.Value.Word is null && !_current.Contains(peer.Key) && !_told.Contains(peer.Key))
                .Select(static peer => peer.Key)];
            foreach (string url in gone)
            {
                _peers.Remove(url);
            }
        }
    }

    private async Task<IReadOnlyList<DnsEndPoint>> FindAsync(Seed seed, CancellationToken cancellationToken)
    {
        try
        {
            return await SeedLookup.FindAsync(seed, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is SocketException or DnsResponseException
            || (failure is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // Usual while the others are being started: a pod has a name once it runs.
            if (_failures.MayLog())
            {
                Log.SeedUnknown(_logger, seed.Text, failure.Message);
            }

            return [];
        }
    }

    private static string UrlOf(DnsEndPoint address) =>
        $"http://{(address.Host.Contains(':') ? $"[{address.Host}]" : address.Host)}:{address.Port}";
}
