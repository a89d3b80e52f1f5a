using RaftKv.Core.Raft.Messages;
using RaftKv.Core.Replica.Levels;
using RaftKv.Core.Replica.Messages;

namespace RaftKv.Core.Replica;

/// <summary>What a node's state is worth, by what a majority has after the same entry.</summary>
public sealed partial class ReplicaCore
{
    private readonly StateCensus _census = new();

    /// <summary>
    /// Compares what a node says about its state with what was here after the same entry. Who differs from a majority is
    /// told so; a leader that does so itself ends.
    /// </summary>
    private void Audit(HeartbeatResponse response)
    {
        if (Raft.Role != Role.Leader || response.Term != Raft.CurrentTerm || !Raft.Membership.IsMember(response.From)
            || response.AppliedIndex == LogIndex.Zero || !_audit.TryFind(response.AppliedIndex, out ulong own))
        {
            return;
        }

        bool isSame = own == response.StateHash;
        _census.Note(Raft.CurrentTerm, response.From, response.AppliedIndex, isSame);
        if (isSame)
        {
            return;
        }

        Raise(new DivergenceAlarm(response.From, response.AppliedIndex, own, response.StateHash));
        if (_options.EndsWhenDiverged && _census.IsLeaderRight(Raft.Membership, Raft.Self, response.AppliedIndex))
        {
            _effects.Messages.Add(new StateDiffers(
                Raft.Self, response.From, Raft.CurrentTerm, response.AppliedIndex, own, response.StateHash));
        }

        if (_options.EndsWhenDiverged && _census.IsLeaderWrong(Raft.Membership, Raft.Self))
        {
            throw Diverged(response.AppliedIndex, own, response.StateHash);
        }
    }

    private void Raise(DivergenceAlarm alarm)
    {
        if (!_alarms.Exists(known => known.Node == alarm.Node))
        {
            _alarms.Add(alarm);
            _effects.Alarms.Add(alarm);
        }
    }

    // Only of the leader of this very term, and only of the state that this node really had there.
    private void HandleStateDiffers(StateDiffers word)
    {
        bool isMeant = _options.EndsWhenDiverged && word.Term == Raft.CurrentTerm && word.From == Raft.Leader
            && _audit.TryFind(word.Index, out ulong own) && own == word.NodeHash && word.NodeHash != word.LeaderHash;
        if (isMeant)
        {
            throw Diverged(word.Index, word.NodeHash, word.LeaderHash);
        }
    }

    private static StateDivergedException Diverged(LogIndex index, ulong here, ulong there) => new(
        $"After entry {index} the hash of the state is {here:x16} here, and {there:x16} on a majority: the state of this node is not to be"
        + " believed, by a bug or damaged memory.");
}
