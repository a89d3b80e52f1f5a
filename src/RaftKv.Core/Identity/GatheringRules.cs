namespace RaftKv.Core.Identity;

/// <summary>
/// The founding of a cluster by a number of directories that find each other, in place of a list; pure. What follows a
/// promise is <see cref="FoundingRules"/>'s: each directory promises itself once, to instances, and nobody founds before
/// all of them have, so that no two rolls with a common directory are ever both founded.
/// </summary>
/// <remarks>
/// Danger: 1. Three of n1, n2, n3 and n4 are to found a cluster, one was started by mistake. 2. n1 has heard of n2 and n3,
/// and n2 of n1 and n4; each promises itself to what it knows. 3. No roll can ever be founded, and both promises hold for
/// ever. So a directory promises itself only when each of the others has said that it would promise itself to the very
/// same roll, and to none at all while it knows of too many. See Nothing_is_promised_before_the_others_offer_the_same.
/// </remarks>
public static class GatheringRules
{
    /// <summary>The next step.</summary>
    /// <param name="own">What this directory has made durable.</param>
    /// <param name="expected">How many found the cluster, this one among them; at least 1.</param>
    /// <param name="heard">The newest word of each directory that was heard, in any order; its own may be among them.</param>
    public static FoundingStep Next(FoundingWord own, int expected, IReadOnlyList<FoundingWord> heard)
    {
        Check.That(own.Stage != FoundingStage.Founded, "a founding ends once");
        Check.That(own.Stage == FoundingStage.Promised == (own.Roll is not null), "a promise has a roll");
        Check.That(expected >= 1, "somebody founds a cluster");
        return FoundingRules.AfterPromises(own, heard) ?? WhenOpen(own, expected, heard);
    }

    /// <summary>What this directory says now: with the roll that it would promise itself to, where it knows one.</summary>
    public static FoundingWord Say(FoundingWord own, int expected, IReadOnlyList<FoundingWord> heard) =>
        own.Stage == FoundingStage.Open ? own with { Offer = OfferOf(own, expected, Others(own, heard)) } : own;

    private static FoundingStep WhenOpen(FoundingWord own, int expected, IReadOnlyList<FoundingWord> heard)
    {
        List<FoundingWord> others = Others(own, heard);
        foreach (FoundingWord other in others)
        {
            if (other.Name == own.Name)
            {
                return new FoundingStep.Refuse(FoundingRefusal.NameTwice, other);
            }
        }

        if (others.Count >= expected)
        {
            return new FoundingStep.Refuse(FoundingRefusal.TooMany, others[^1]);
        }

        if (OfferOf(own, expected, others) is not { } roll)
        {
            return new FoundingStep.Wait("");
        }

        foreach (FoundingWord other in others)
        {
            if (other.Offer is not { } offer || !offer.Equals(roll))
            {
                return new FoundingStep.Wait(other.Name);
            }
        }

        return new FoundingStep.Promise(roll);
    }

    private static FoundingRoll? OfferOf(FoundingWord own, int expected, List<FoundingWord> others)
    {
        if (others.Count + 1 != expected)
        {
            return null;
        }

        var seats = new List<FoundingSeat> { new(own.Name, own.Instance, own.Url) };
        foreach (FoundingWord other in others)
        {
            seats.Add(new FoundingSeat(other.Name, other.Instance, other.Url));
        }

        return FoundingRoll.IsSound(seats) ? new FoundingRoll(seats) : null;
    }

    // Each once, however many addresses lead to it; who was started with another number founds another cluster.
    private static List<FoundingWord> Others(FoundingWord own, IReadOnlyList<FoundingWord> heard)
    {
        var others = new List<FoundingWord>();
        var known = new SortedSet<NodeId> { own.Instance };
        for (int i = 0; i < heard.Count; i++)
        {
            if (heard[i].Stage == FoundingStage.Open && heard[i].List == own.List && known.Add(heard[i].Instance))
            {
                others.Add(heard[i]);
            }
        }

        return others;
    }
}
