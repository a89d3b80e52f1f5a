using RaftKv.Core.Calls;
using RaftKv.Core.Reads;

namespace RaftKv.Core.Tests.Calls;

internal sealed class TestWrite : ProposalCall
{
    public TestWrite(byte[] envelope, long timeoutTicks)
    {
        Begin(timeoutTicks);
        Envelope = envelope;
    }

    public override short Token => 0;
}

internal sealed class TestRead : BarrierCall
{
    private short _token;

    public TestRead(ReadDemand demand, long timeoutTicks)
    {
        Begin(timeoutTicks);
        Demand = demand;
    }

    public override short Token => _token;

    /// <summary>The object serves another call.</summary>
    public void BeginAgain(long timeoutTicks)
    {
        _token++;
        Begin(timeoutTicks);
    }
}
