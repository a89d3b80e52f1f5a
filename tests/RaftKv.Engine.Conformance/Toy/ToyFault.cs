namespace RaftKv.Engine.Conformance.Toy;

/// <summary>A promise that the toy breaks, so that the conformance tests are seen to notice it.</summary>
public enum ToyFault
{
    /// <summary>Keeps all.</summary>
    None,

    /// <summary>P1: a command is acknowledged while it is in memory only.</summary>
    AnswersBeforeSync,

    /// <summary>P2: a barrier is granted without a quorum, on what the node has.</summary>
    BarrierWithoutQuorum,

    /// <summary>P3: callers are answered a round before readers see the point.</summary>
    AnswersBeforePublishing,

    /// <summary>P4: what was answered as surely not applied is applied later.</summary>
    SaysNoAndApplies,

    /// <summary>P5: a command enters the log twice.</summary>
    AppliesTwice,

    /// <summary>P6: one node applies something else.</summary>
    Diverges,

    /// <summary>P7: a node calls its view fresh because it heard of a leader.</summary>
    ProvesByContact,

    /// <summary>P7: another node leads while a lease still holds.</summary>
    ElectsDuringLease,

    /// <summary>P8: only the leader takes writes.</summary>
    RefusesWhereNotLed,

    /// <summary>P9: a node that stops forgets who waits.</summary>
    ForgetsCallers,

    /// <summary>P10: leases end in a tenth of their time.</summary>
    EndsLeasesEarly,
}
