using RaftKv.Core.Messages;
using RaftKv.Core.Replica.Leases;
using RaftKv.Core.Replica.Messages;
using RaftKv.Core.Store;

namespace RaftKv.Simulation.Checking;

/// <summary>
/// When a renewal of each lease last reached a node, was answered, or was still held by a leader. That can be long after its
/// client stopped to wait, or died: a message may be late, or come twice, and renews all the same; and a leader that has yet
/// to apply what a round covers renews when it has.
/// </summary>
internal sealed class LeaseSigns
{
    private readonly Dictionary<LeaseId, long> _lastUs = [];
    private readonly Dictionary<int, List<LeaseId>> _held = [];

    public long LastUs(long lease) => _lastUs.GetValueOrDefault(new LeaseId(lease));

    public void Note(LeaseId lease, long nowUs) => _lastUs[lease] = nowUs;

    /// <summary>After a node's step: whatever it held before it may have been renewed by it.</summary>
    public void Stepped(int node, LeaseRounds rounds, long nowUs)
    {
        if (!_held.TryGetValue(node, out List<LeaseId>? held))
        {
            _held.Add(node, held = []);
        }

        held.ForEach(lease => Note(lease, nowUs));
        held.Clear();
        held.AddRange(rounds.Held.SelectMany(RenewalsOf));
    }

    public void Died(int node) => _held.Remove(node);

    public void Arrived(Message message, long nowUs)
    {
        foreach (LeaseId lease in message is LeaseRequest request ? RenewalsOf(request) : [])
        {
            Note(lease, nowUs);
        }
    }

    private static IEnumerable<LeaseId> RenewalsOf(LeaseRequest request) =>
        request.Questions.Where(static question => question.IsRenewal).Select(static question => question.Lease);
}
