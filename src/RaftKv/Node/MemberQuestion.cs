using RaftKv.Core;
using RaftKv.Core.Raft.Members;
using RaftKv.Engine;

namespace RaftKv.Node;

/// <summary>What a node asks another one about the members; a closed set.</summary>
internal abstract record MemberQuestion
{
    private protected MemberQuestion()
    {
    }

    /// <summary>The leader is to make a change.</summary>
    public sealed record Change(MembershipChange Wanted) : MemberQuestion;

    /// <summary>The leader tells how far a member is.</summary>
    public sealed record Progress(NodeId Member) : MemberQuestion;

    /// <summary>The node that is asked tells whether it drains, or is about to.</summary>
    public sealed record Phase : MemberQuestion;
}

/// <summary>The answer.</summary>
internal sealed record MemberAnswer
{
    /// <summary>What became of the change.</summary>
    public ChangeAnswer Change { get; init; }

    /// <summary>How far the member is; null when that is not known there.</summary>
    public MemberProgress? Progress { get; init; }

    /// <summary>The node that answers drains, or is about to.</summary>
    public bool IsDraining { get; init; }
}
