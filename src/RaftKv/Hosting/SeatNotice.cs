using RaftKv.Diagnostics;
using RaftKv.Engine;
using RaftKv.Node;

namespace RaftKv.Hosting;

/// <summary>
/// What a node was started with and its members do not say yet: zone and priority, and its address where it was founded
/// without a list. It is told once in each start; what a call changes later stays until the next one.
/// </summary>
internal sealed class SeatNotice(INode node, NodeOptions options, ILogger logger)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private readonly CancellationTokenSource _stopped = new();
    private Task _telling = Task.CompletedTask;

    /// <summary>Begins; the start does not wait for it.</summary>
    public void Start()
    {
        if (options.Zone is not null || options.Priority is not null || options.BootstrapExpect > 0)
        {
            _telling = Task.Run(TellAsync);
        }
    }

    /// <summary>Gives up.</summary>
    public async Task StopAsync()
    {
        await _stopped.CancelAsync().ConfigureAwait(false);
        await _telling.ConfigureAwait(false);
    }

    private async Task TellAsync()
    {
        while (!_stopped.IsCancellationRequested)
        {
            MemberInfo? known = node.Members.FirstOrDefault(static member => member.IsSelf);

            // Who joins or leaves is in the middle of a change of its own.
            if (known is { IsJoining: false, IsLeaving: false } && !node.Status.Leader.IsNone && !node.Status.Membership.IsJoint)
            {
                MemberInfo wanted = Wanted(known);
                if (wanted == known)
                {
                    return;
                }

                MemberChangeAnswer answer = await node.ChangeMembersAsync(
                    new MemberChange { Update = [wanted] }, Patience, _stopped.Token).ConfigureAwait(false);
                if (answer.Outcome == MemberChangeOutcome.Refused)
                {
                    Log.SeatNotTold(logger, options.Name, answer.Problem.ToString());
                    return;
                }
            }

            await Task.WhenAny(Task.Delay(Pause, _stopped.Token)).ConfigureAwait(false);
        }
    }

    private MemberInfo Wanted(MemberInfo known) => known with
    {
        Zone = options.Zone ?? known.Zone,
        Priority = (byte)(options.Priority ?? known.Priority),
        PeerUrl = options.BootstrapExpect > 0 ? options.AdvertisedPeerUrl : known.PeerUrl,
    };
}
