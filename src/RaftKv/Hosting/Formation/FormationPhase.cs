using RaftKv.Core.Identity;
using RaftKv.Diagnostics;
using RaftKv.Storage;
using RaftKv.Transport;

namespace RaftKv.Hosting.Formation;

/// <summary>
/// The time before a directory belongs to a cluster: it asks the others, of a list or found by seeds, for their word, answers theirs, and
/// does what <see cref="FoundingRules"/> or <see cref="GatheringRules"/> say, each step durable before it is told. Nothing is
/// voted, acknowledged or served meanwhile.
/// </summary>
internal sealed class FormationPhase
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    // Peers that are started by hand or by an orchestrator take their time; asked that often, they cost nothing.
    private static readonly TimeSpan LongPause = TimeSpan.FromMilliseconds(500);
    private const int ShortPauses = 200;

    private readonly NodeOptions _options;
    private readonly DataDirectory _directory;
    private readonly NodeTls _tls;
    private readonly ILogger _logger;
    private readonly FoundingCircle _circle;
    private readonly bool _isAlone;
    private readonly LogLimiter _waits = new(TimeProvider.System);
    private FoundingWord _own;
    private volatile FoundingWord _said;
    private string? _missing;

    private FormationPhase(NodeOptions options, DataDirectory directory, NodeTls tls, ILogger logger)
    {
        _tls = tls;
        _options = options;
        _directory = directory;
        _logger = logger;
        _own = NodeStorage.WordOf(directory.Identity);
        if (options.BootstrapExpect > 0)
        {
            _own = _own with { Url = options.AdvertisedPeerUrl };
            _circle = new SeededCircle(options, _own.Roll, tls.Dialer, logger);
            _isAlone = options is { BootstrapExpect: 1, Seeds.Count: 0 };
        }
        else
        {
            _circle = new ListedCircle(options, tls.Dialer, logger);
            _isAlone = options.Cluster.All(member => member.Name == options.Name);
        }

        _said = _circle.Say(_own);
    }

    /// <summary>
    /// Returns when the directory's cluster is founded. Throws <see cref="StartRefusedException"/> when it can't take part
    /// in it, and <see cref="OperationCanceledException"/>.
    /// </summary>
    public static async Task RunAsync(
        NodeOptions options, DataDirectory directory, NodeTls tls, ILogger logger, CancellationToken cancellationToken)
    {
        var phase = new FormationPhase(options, directory, tls, logger);
        if (phase._isAlone)
        {
            phase.Step();
            phase.Step();
        }
        else
        {
            await phase.RunWithPeersAsync(cancellationToken).ConfigureAwait(false);
        }

        DirectoryIdentity founded = directory.Identity;
        Core.Check.That(founded.Stage == FoundingStage.Founded, "the phase ends with the founding");
        Log.Founded(logger, founded.ClusterId, string.Join(", ", founded.Roll!.Seats.Select(static seat => seat.Name)));
    }

    private async Task RunWithPeersAsync(CancellationToken cancellationToken)
    {
        await using var door = new FormationDoor(_options, _tls, () => _said, circle: _circle);
        await door.OpenAsync().ConfigureAwait(false);
        for (int round = 0; ; round++)
        {
            await _circle.AskAsync(_said, cancellationToken).ConfigureAwait(false);
            bool hasMoved = Step();
            _said = _circle.Say(_own);
            if (_directory.Identity.Stage == FoundingStage.Founded)
            {
                return;
            }

            if (!hasMoved)
            {
                await Task.Delay(round < ShortPauses ? Pause : LongPause, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    // True when something was made durable.
    private bool Step()
    {
        FoundingStep step = _circle.Next(_own);
        switch (step)
        {
            case FoundingStep.Wait wait:
                string whom = _circle.WaitsFor(wait, _own);
                if (_waits.MayLog() || whom != _missing)
                {
                    _missing = whom;
                    Log.FoundingWaits(_logger, whom);
                }

                return false;
            case FoundingStep.Promise or FoundingStep.Found:
                Become(FoundingRules.After(_own, step));
                return true;
            case FoundingStep.Refuse refusal:
                throw new StartRefusedException(_circle.TextOf(refusal, _own, _directory.Path), ExitCode.Member);
            default:
                return Core.Check.Unreachable<bool>(_own);
        }
    }

    // Durable first, and only then said.
    private void Become(FoundingWord word)
    {
        DirectoryIdentity identity = _directory.Identity with { Stage = word.Stage, Roll = word.Roll };
        if (identity.Expected > 0)
        {
            // What was promised is the list from now on, with the addresses of that moment: all who found have the same.
            identity = identity with { InitialCluster = [.. word.Roll!.Seats.Select(static seat => $"{seat.Name}={seat.Url}")] };
        }

        _directory.Become(word is { Stage: FoundingStage.Founded, Roll: { } roll }
            ? identity with { ClusterId = Identities.ClusterIdOf(roll) }
            : identity);
        _own = word;
    }
}
