using RaftKv.Core.Messages;
using RaftKv.Core.Replica.Messages;
using RaftKv.Core.Store;

namespace RaftKv.Simulation.Checking;

/// <summary>
/// When a renewal of each lease last reached a node, or was answered. That can be long after its client stopped to wait,
/// or died: a message may be late, or come twice, and renews all the same.
/// </summary>
internal sealed class LeaseSigns
{
    private readonly Dictionary<LeaseId, long> _lastUs = [];

    public long LastUs(long lease) => _lastUs.GetValueOrDefault(new LeaseId(lease));

    public void Note(LeaseId lease, long nowUs) => _lastUs[lease] = nowUs;

    public void Arrived(Message message, long nowUs)
    {
        if (message is not LeaseRequest request)
        {
            return;
        }

        for (int i = 0; i < request.Questions.Count; i++)
        {
            if (request.Questions[i].IsRenewal)
            {
                Note(request.Questions[i].Lease, nowUs);
            }
        }
    }
}
