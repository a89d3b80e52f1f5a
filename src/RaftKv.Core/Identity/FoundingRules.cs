namespace RaftKv.Core.Identity;

/// <summary>
/// The founding of a cluster, pure: from what this directory has made durable and what the other listed ones said last,
/// the next step. docs/adr/0006-members-and-instances.md has the reasons.
/// </summary>
/// <remarks>
/// Danger: 1. n1, n2 and n3 are started; n1 and n2 found, and acknowledge a write. 2. n2's disk is lost, n1 stops. 3. n3,
/// which had heard of no founding yet, and the empty n2 found the same list once more: the write is gone. So a directory
/// promises itself once, to instances and not to names, and nobody founds before all have promised: n3's one promise
/// names the n2 that is lost. See An_emptied_directory_can_not_found_the_list_again.
/// </remarks>
public static class FoundingRules
{
    /// <summary>The next step.</summary>
    /// <param name="own">What this directory has made durable.</param>
    /// <param name="names">The names of its list, its own among them.</param>
    /// <param name="heard">The newest word of each other directory that was heard; in any order.</param>
    public static FoundingStep Next(FoundingWord own, IReadOnlyList<string> names, IReadOnlyList<FoundingWord> heard)
    {
        Check.That(own.Stage != FoundingStage.Founded, "a founding ends once");
        Check.That(own.Stage == FoundingStage.Promised == (own.Roll is not null), "a promise has a roll");
        return AfterPromises(own, heard) ?? WhenOpen(own, names, heard);
    }

    /// <summary>The next step where this or another directory has promised itself already; null when all are open.</summary>
    internal static FoundingStep? AfterPromises(FoundingWord own, IReadOnlyList<FoundingWord> heard)
    {
        for (int i = 0; i < heard.Count; i++)
        {
            if (heard[i].Stage == FoundingStage.Founded)
            {
                return AfterFounding(own, heard[i]);
            }
        }

        for (int i = 0; i < heard.Count; i++)
        {
            if (heard[i].Roll is { } promised && !promised.Equals(own.Roll))
            {
                return AfterPromise(own, heard[i], promised);
            }
        }

        return own.Roll is { } roll ? WhenPromised(roll, own, heard) : null;
    }

    /// <summary>What a directory says once a step is durable; its word of before for a step that changes nothing.</summary>
    public static FoundingWord After(FoundingWord own, FoundingStep step) => step switch
    {
        FoundingStep.Promise promise => own with { Stage = FoundingStage.Promised, Roll = promise.Roll, Offer = null },
        FoundingStep.Found found => own with { Stage = FoundingStage.Founded, Roll = found.Roll, Offer = null },
        _ => own,
    };

    private static FoundingStep AfterFounding(FoundingWord own, FoundingWord founded)
    {
        if (founded.Roll is not { } roll || roll.InstanceOf(own.Name) != own.Instance)
        {
            return new FoundingStep.Refuse(FoundingRefusal.AlreadyFounded, founded);
        }

        // It can't have been founded without this directory's promise.
        return roll.Equals(own.Roll)
            ? new FoundingStep.Found(roll)
            : new FoundingStep.Refuse(FoundingRefusal.ForgotPromise, founded);
    }

    private static FoundingStep AfterPromise(FoundingWord own, FoundingWord by, FoundingRoll roll) =>
        own.Roll is null && roll.InstanceOf(own.Name) == own.Instance
            ? new FoundingStep.Promise(roll)
            : new FoundingStep.Refuse(FoundingRefusal.PromisedToAnother, by);

    private static FoundingStep WhenPromised(FoundingRoll roll, FoundingWord own, IReadOnlyList<FoundingWord> heard)
    {
        foreach (FoundingSeat seat in roll.Seats)
        {
            if (seat.Name != own.Name && !HasPromised(seat, heard))
            {
                return new FoundingStep.Wait(seat.Name);
            }
        }

        return new FoundingStep.Found(roll);
    }

    // Its own word, from that very directory.
    private static bool HasPromised(FoundingSeat seat, IReadOnlyList<FoundingWord> heard)
    {
        for (int i = 0; i < heard.Count; i++)
        {
            if (heard[i].Name == seat.Name && heard[i].Instance == seat.Instance && heard[i].Stage == FoundingStage.Promised)
            {
                return true;
            }
        }

        return false;
    }

    private static FoundingStep WhenOpen(FoundingWord own, IReadOnlyList<string> names, IReadOnlyList<FoundingWord> heard)
    {
        var seats = new List<FoundingSeat> { new(own.Name, own.Instance) };
        foreach (string name in names)
        {
            if (name == own.Name)
            {
                continue;
            }

            if (Find(name, own.List, heard) is not { } word)
            {
                return new FoundingStep.Wait(name);
            }

            seats.Add(new FoundingSeat(name, word.Instance));
        }

        // One directory under two names is a copy; it is waited for until one of the two is gone.
        return FoundingRoll.IsSound(seats) ? new FoundingStep.Promise(new FoundingRoll(seats)) : new FoundingStep.Wait(own.Name);
    }

    // A directory that was started with another list founds another cluster, or is a mistake: it is waited for.
    private static FoundingWord? Find(string name, ulong list, IReadOnlyList<FoundingWord> heard)
    {
        for (int i = 0; i < heard.Count; i++)
        {
            if (heard[i].Name == name && heard[i].List == list)
            {
                return heard[i];
            }
        }

        return null;
    }
}
