using RaftKv.Core.Calls;
using RaftKv.Core.Reads;

namespace RaftKv.Simulation.Clients;

/// <summary>A client's write, as the node's loop knows it.</summary>
internal sealed class WriteCall : ProposalCall
{
    public WriteCall(ClientOperation operation, byte[] envelope, long timeoutTicks)
    {
        Begin(timeoutTicks);
        Operation = operation;
        Envelope = envelope;
    }

    public ClientOperation Operation { get; }

    public override short Token => 0;
}

/// <summary>
/// A read that waits for a barrier. As in the server an object serves one call, then another, so that a cancellation may
/// come when it belongs to somebody else.
/// </summary>
internal sealed class RoundCall : BarrierCall
{
    private short _use;

    /// <summary>Whose it is now; null while it waits for its next use.</summary>
    public ClientOperation? Read { get; private set; }

    public override short Token => _use;

    public void Begin(ClientOperation read, ReadDemand demand, long timeoutTicks)
    {
        Begin(timeoutTicks);
        Read = read;
        Demand = demand;
    }

    public void End()
    {
        Read = null;
        _use++;
    }
}

/// <summary>Keepalives, or a question for the time that leases have left.</summary>
internal sealed class AskCall : LeaseCall
{
    public AskCall(LeaseAsk ask, long timeoutTicks)
    {
        Begin(timeoutTicks);
        Ask = ask;
        Leases = ask.Leases;
        IsRenewal = ask.IsRenewal;
    }

    public LeaseAsk Ask { get; }

    public override short Token => 0;
}
