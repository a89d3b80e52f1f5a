using RaftKv.Core.Raft.Log;
using RaftKv.Core.Raft.Messages;
using RaftKv.Core.Raft.Roles;

namespace RaftKv.Core.Raft;

/// <summary>
/// A voter's patience with the leader that it heard last (thesis 4.2.3). Leader leases rest on it (6.4.1), so it outlives
/// a restart; it ends by time, or by the proof that this leader leads no more (docs/divergence.md D11).
/// </summary>
public sealed partial class RaftCore
{
    // Ticks for which this voter still owes its patience to the leader that it heard last.
    private int _stickyTicks;

    /// <summary>The leader that this node heard last, and in which term: durable before any answer to it leaves.</summary>
    /// <remarks>
    /// To nobody else can patience be owed. A leader of before had lost its lease, or voided it, when a majority elected
    /// this one, since that majority has a voter in common with those who acknowledged its heartbeats.
    /// </remarks>
    public HeardLeader Heard { get; private set; }

    private bool IsSticky => State is LeaderState || _stickyTicks > 0;

    // A vote in a later term than the last leader's was given when its patience was over: a voter that is bound gives
    // none, and a candidate has waited, or was told to campaign by the leader itself.
    private static bool OwesPatience(HardState found) =>
        !found.Heard.Node.IsNone && (found.Heard.Term == found.Term || found.VotedFor.IsNone);

    private void OwePatience(NodeId leader)
    {
        _stickyTicks = _options.ElectionTimeoutTicks;
        var heard = new HeardLeader(leader, CurrentTerm);
        if (Heard != heard)
        {
            // Danger: 1. A follower acknowledges a new leader's heartbeat, and the leader counts its lease from it. 2. The
            // follower restarts, and knows an older leader only. 3. That one asks for its vote and is no stranger to it: it
            // votes within the lease. So the answer waits until the leader's name is durable.
            // See An_acknowledgment_waits_until_it_is_durable_whom_it_goes_to.
            Heard = heard;
            HardStateChanged();
        }
    }

    // Whoever asks for votes leads not; who led once in a term leads it never again. So a question of the last leader in a
    // later term than the one it led says that its lease is over, however late the question comes.
    private bool IsOfHeardLeader(VoteRequest request) => request.From == Heard.Node && request.Term > Heard.Term;

    private void NoteCandidacy(VoteRequest? request)
    {
        if (request is not null && IsOfHeardLeader(request))
        {
            _stickyTicks = 0;
        }
    }
}
