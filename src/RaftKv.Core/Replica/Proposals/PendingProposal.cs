namespace RaftKv.Core.Replica.Proposals;

/// <summary>A proposal of this node that is not decided yet.</summary>
internal sealed class PendingProposal(long number, byte[] envelope, long tick)
{
    /// <summary>Its number.</summary>
    public long Number { get; } = number;

    /// <summary>Header and command; never changed once offered.</summary>
    public byte[] Envelope { get; } = envelope;

    /// <summary>When it began to wait for a leader.</summary>
    public long WaitingSinceTick { get; private set; } = tick;

    /// <summary>When it was last sent to the leader, on another node; null when it was not.</summary>
    public long? ForwardedAtTick { get; private set; }

    /// <summary>The term in which a leader may have it; zero while surely none has.</summary>
    public Term SentTerm { get; private set; }

    /// <summary>A leader refused it for good in the term before this one.</summary>
    public Term NotBeforeTerm { get; private set; }

    /// <summary>True while surely no log has it, nor ever will from before.</summary>
    public bool IsWaiting => SentTerm == Term.Zero;

    /// <summary>True once it was offered to any leader: others may hold its bytes from then on.</summary>
    public bool WasOffered { get; private set; }

    /// <summary>In this node's own log as leader.</summary>
    public void Appended(Term term)
    {
        WasOffered = true;
        SentTerm = term;
        ForwardedAtTick = null;
    }

    /// <summary>On its way to another leader.</summary>
    public void Forwarded(Term term, long tick)
    {
        WasOffered = true;
        SentTerm = term;
        ForwardedAtTick = tick;
    }

    /// <summary>Proven to be in no log that can still commit: it may be offered again.</summary>
    public void BackToWaiting(long tick, Term notBeforeTerm)
    {
        SentTerm = Term.Zero;
        ForwardedAtTick = null;
        WaitingSinceTick = tick;
        NotBeforeTerm = notBeforeTerm;
    }
}
