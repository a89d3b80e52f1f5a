using RaftKv.Core.Calls;

namespace RaftKv.Core.Tests.Calls;

internal static class TestCalls
{
    public static ProposalCall Write(byte[] envelope, long timeoutTicks)
    {
        var call = new ProposalCall();
        call.Begin(envelope, timeoutTicks);
        return call;
    }

    public static BarrierCall Read(ReadDemand demand, long timeoutTicks)
    {
        var call = new BarrierCall();
        call.Begin(demand, timeoutTicks);
        return call;
    }
}
