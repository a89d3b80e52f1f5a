using System.Globalization;
using RaftKv.Core;
using RaftKv.Engine;
using RaftKv.Node;

namespace RaftKv.Service.Members;

/// <summary>What is asked of one member.</summary>
internal enum MemberVerb
{
    /// <summary>It is to take part.</summary>
    Add,

    /// <summary>It is to have a vote.</summary>
    Promote,

    /// <summary>It is to have none.</summary>
    Demote,

    /// <summary>It is to go.</summary>
    Remove,

    /// <summary>It is to be found under another name or address.</summary>
    Update,
}

/// <summary>How far it is.</summary>
internal enum MemberStep
{
    /// <summary>Its directory has not come.</summary>
    Waiting,

    /// <summary>It receives what there is.</summary>
    CatchingUp,

    /// <summary>Its vote is being taken or given.</summary>
    Changing,

    /// <summary>It closes its doors.</summary>
    Leaving,

    /// <summary>It is so.</summary>
    Done,

    /// <summary>It is not so, and nobody is at it.</summary>
    Given,
}

/// <summary>
/// A change of one member that goes on after its call. Nobody keeps a record of it: how far it is stands in the membership,
/// so that every node can tell, also after the one that was asked is gone.
/// </summary>
internal readonly record struct MemberOperation(MemberVerb Verb, NodeId Member)
{
    private const string Prefix = "member-";
    private const int IdDigits = 16;

    /// <summary>True for text that is the name of one, or should be.</summary>
    public static bool IsNamed(ReadOnlySpan<char> text) => text.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>Reads its name; null when it is none.</summary>
    public static MemberOperation? Parse(ReadOnlySpan<char> text)
    {
        int dash = text.LastIndexOf('-');
        if (!IsNamed(text) || dash <= Prefix.Length || text.Length - dash - 1 != IdDigits
            || !ulong.TryParse(text[(dash + 1)..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong id))
        {
            return null;
        }

        foreach (MemberVerb verb in Enum.GetValues<MemberVerb>())
        {
            if (text[Prefix.Length..dash].SequenceEqual(NameOf(verb)))
            {
                return new MemberOperation(verb, new NodeId(id));
            }
        }

        return null;
    }

    /// <summary>How far it is, by this node's membership.</summary>
    public MemberStep StepOn(INode node)
    {
        NodeId id = Member;
        MemberInfo? member = node.Members.FirstOrDefault(known => known.Id == id);
        EngineMembership now = node.Status.Membership;
        if (member is null)
        {
            return Verb == MemberVerb.Remove ? MemberStep.Done : MemberStep.Given;
        }

        bool isVoter = now.Voters.Contains(id);
        bool isChanging = now.IsJoint && (isVoter || now.OutgoingVoters.Contains(id));
        return Verb switch
        {
            MemberVerb.Remove => isChanging ? MemberStep.Changing : member.IsLeaving ? MemberStep.Leaving : MemberStep.Given,
            MemberVerb.Demote => isChanging ? MemberStep.Changing : isVoter ? MemberStep.Given : MemberStep.Done,
            MemberVerb.Update => MemberStep.Done,
            _ => isChanging ? MemberStep.Changing
                : isVoter ? MemberStep.Done
                : member.IsPending ? MemberStep.Waiting
                : member.IsJoining ? MemberStep.CatchingUp
                : Verb == MemberVerb.Add ? MemberStep.Done : MemberStep.Given,
        };
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Prefix}{NameOf(Verb)}-{Member}";

    private static string NameOf(MemberVerb verb) => verb switch
    {
        MemberVerb.Add => "add",
        MemberVerb.Promote => "promote",
        MemberVerb.Demote => "demote",
        MemberVerb.Remove => "remove",
        MemberVerb.Update => "update",
        _ => Check.Unreachable<string>(verb),
    };
}
