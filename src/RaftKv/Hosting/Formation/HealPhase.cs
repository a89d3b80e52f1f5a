using System.Globalization;
using System.Net.Sockets;
using System.Security.Authentication;
using RaftKv.Core;
using RaftKv.Core.Disk.Device;
using RaftKv.Core.Identity;
using RaftKv.Core.Raft.Members;
using RaftKv.Diagnostics;
using RaftKv.Protocol.Peer;
using RaftKv.Storage;
using RaftKv.Transport;
using FoundingWord = RaftKv.Core.Identity.FoundingWord;

namespace RaftKv.Hosting.Formation;

/// <summary>
/// A node whose data is damaged asks the others to take a new data directory in under its name. When one that leads has
/// done so, what is damaged is set aside, whole, and the node goes on with nothing, as a learner that becomes a voter by
/// itself. Until then nothing is changed here, and nothing is voted, acknowledged or served.
/// </summary>
internal sealed class HealPhase
{
    // Older ones are deleted when another one is kept.
    private const int MostKept = 3;

    // Beyond what any election takes, so that the end of it means that a majority is not there; then who watches over the
    // process starts it again.
    private const int MostRounds = 240;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private readonly NodeOptions _options;
    private readonly DataDirectory _directory;
    private readonly NodeTls _tls;
    private readonly StorageCorruptException _damage;
    private readonly ILogger _logger;
    private readonly List<PeerAddress> _others;
    private readonly SortedSet<string> _damaged = new(StringComparer.Ordinal);
    private readonly NodeId _anew = new(Identities.RandomId());
    private readonly LogLimiter _waits = new(TimeProvider.System);

    private HealPhase(
        NodeOptions options, DataDirectory directory, StorageCorruptException damage, NodeTls tls, ILogger logger)
    {
        _tls = tls;
        _options = options;
        _directory = directory;
        _damage = damage;
        _logger = logger;
        _others = OthersOf(options, directory);
    }

    /// <summary>
    /// Returns when the directory is a new member's. Throws <see cref="StartRefusedException"/> with the damage and the reason
    /// when that can't be, and <see cref="OperationCanceledException"/>.
    /// </summary>
    public static async Task RunAsync(
        NodeOptions options, DataDirectory directory, StorageCorruptException damage, NodeTls tls, ILogger logger,
        CancellationToken cancellationToken)
    {
        var phase = new HealPhase(options, directory, damage, tls, logger);
        phase.DemandMajority();
        Log.Damaged(logger, damage.Message, directory.Identity.NodeName);
        JoinReply welcome = await phase.AskUntilWelcomeAsync(cancellationToken).ConfigureAwait(false);
        phase.BeginAnew(welcome);
    }

    private async Task<JoinReply> AskUntilWelcomeAsync(CancellationToken cancellationToken)
    {
        FoundingWord word = NodeStorage.WordOf(_directory.Identity);
        await using var door = new FormationDoor(_options, _tls, () => word, Answer);
        await door.OpenAsync().ConfigureAwait(false);
        for (int round = 0; round < MostRounds; round++)
        {
            JoinReply?[] replies = await Task.WhenAll(_others.Select(other => AskAsync(other, cancellationToken))).ConfigureAwait(false);
            if (replies.FirstOrDefault(static reply => reply?.Refusal.Length == 0) is { } welcome)
            {
                return welcome;
            }

            if (replies.FirstOrDefault(static reply => reply?.IsRetry == false) is { } refusal)
            {
                throw Refused(refusal.Refusal);
            }

            DemandMajority();
            if (_waits.MayLog())
            {
                IEnumerable<string> answers = _others.Select((other, i) => $"{other.Name}: {replies[i]?.Refusal ?? "no answer"}");
                Log.HealWaits(_logger, string.Join(", ", answers));
            }

            await Task.Delay(Pause, cancellationToken).ConfigureAwait(false);
        }

        throw Refused("Nobody led who could take a new data directory in: a majority of the members must run.");
    }

    private async Task<JoinReply?> AskAsync(PeerAddress other, CancellationToken cancellationToken)
    {
        DirectoryIdentity own = _directory.Identity;
        var request = new JoinRequest
        {
            Name = own.NodeName,
            Instance = _anew.Value,
            PeerUrl = _options.AdvertisedPeerUrl,
            Heals = own.NodeId.Value,
        };
        try
        {
            JoinReply reply = await JoinPhase.AskAsync(other, _tls.Dialer, request, cancellationToken).ConfigureAwait(false);
            Note(other.Name, reply.IsDamaged);
            return reply;
        }
        catch (Exception failure) when (failure is SocketException or IOException or PeerRefusedException or ObjectDisposedException
            or AuthenticationException || (failure is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // Not there, or not now: asked again. What it said of its own data before still holds.
            return null;
        }
    }

    // Who asks for a place in this cluster for damaged data is damaged itself: both know of each other, whoever asks first.
    private JoinReply Answer(JoinRequest request)
    {
        if (request.Heals != 0 && _others.Exists(other => other.Name == request.Name))
        {
            Note(request.Name, isDamaged: true);
        }

        return new JoinReply { Refusal = "Its data is damaged too.", IsRetry = true, IsDamaged = true };
    }

    private void Note(string name, bool isDamaged)
    {
        lock (_damaged)
        {
            if (isDamaged)
            {
                _damaged.Add(name);
            }
            else
            {
                _damaged.Remove(name);
            }
        }
    }

    private void DemandMajority()
    {
        int members = _others.Count + 1;
        string[] damaged;
        lock (_damaged)
        {
            damaged = [.. _damaged.Append(_directory.Identity.NodeName).Order(StringComparer.Ordinal)];
        }

        if (!MemberHealing.IsPossible(members, damaged.Length))
        {
            throw Refused(members == 1
                ? "It is the only member, so that nobody can give it its data again: restore a backup."
                : $"Of {members} members the data of {string.Join(", ", damaged)} is damaged, and the rest is no majority: put whole"
                    + " directories back, or restore a backup.");
        }
    }

    private void BeginAnew(JoinReply welcome)
    {
        DirectoryIdentity own = _directory.Identity;
        if (welcome.ClusterId != own.ClusterId)
        {
            throw Refused(
                $"Who answered belongs to another cluster ({welcome.ClusterId:x16}, not {own.ClusterId:x16}); check the addresses.");
        }

        DirectoryIdentity anew = JoinPhase.MemberBy(DirectoryIdentity.New(own.NodeName, _anew, []), welcome) with
        {
            Life = new Life(1, Identities.RandomId()),
        };
        string time = TimeProvider.System.GetUtcNow().ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture);
        string kept = _directory.SetAside(time, anew);
        Log.Healed(_logger, own.NodeName, own.NodeId, _anew, Path.Combine(_directory.Path, kept));
        foreach (string old in DataDirectory.KeptIn(_directory.Path).SkipLast(MostKept))
        {
            Log.KeptForgotten(_logger, Path.Combine(_directory.Path, old));
            Directory.Delete(Path.Combine(_directory.Path, old), recursive: true);
        }
    }

    private StartRefusedException Refused(string reason) => new(
        $"{_damage.Message} The node can't heal itself, and does not start: {reason} See docs/operations.md, \"Damaged data\".",
        ExitCode.Corruption);

    // The newest addresses that are known; the list of the founding and of the settings where nothing newer is.
    private static List<PeerAddress> OthersOf(NodeOptions options, DataDirectory directory)
    {
        var urls = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (string member in directory.Identity.InitialCluster)
        {
            int at = member.IndexOf('=', StringComparison.Ordinal);
            urls[at < 0 ? member : member[..at]] = member[(at + 1)..];
        }

        foreach (NamedUrl member in options.Cluster)
        {
            urls[member.Name] = member.Url.ToString();
        }

        IReadOnlyDictionary<string, string> hints = MemberHints.Read(directory.Path);
        if (hints.ContainsKey(directory.Identity.NodeName))
        {
            // It knew the members: who is not among them was removed, or came later.
            urls = new SortedDictionary<string, string>(hints.ToDictionary(), StringComparer.Ordinal);
        }

        foreach (NamedUrl route in options.PeerRoutes)
        {
            urls[route.Name] = route.Url.ToString();
        }

        urls.Remove(directory.Identity.NodeName);
        return [.. urls.Select(member => PeerAddress.Parse(member.Key, new NodeId(1), member.Value)).OfType<PeerAddress>()];
    }
}
