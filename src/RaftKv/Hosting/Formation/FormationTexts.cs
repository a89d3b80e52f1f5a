using RaftKv.Core;
using RaftKv.Core.Identity;

namespace RaftKv.Hosting.Formation;

/// <summary>Why a directory is not let into a founding, in a sentence that says what to do.</summary>
internal static class FormationTexts
{
    /// <summary>The sentence for a refusal.</summary>
    public static string Of(FoundingStep.Refuse refusal, FoundingWord own, string path) => refusal.Reason switch
    {
        FoundingRefusal.AlreadyFounded => AlreadyFounded(refusal.By, own, path),
        FoundingRefusal.PromisedToAnother =>
            $"{path} can't found the cluster: {refusal.By.Name} has promised itself to {Text(refusal.By.Roll)}, and this directory is"
            + $" {own.Name}={own.Instance}. A data directory was lost or changed in the middle of the founding. Start it again first:"
            + " when the others have founded the cluster meanwhile, it says how to go on. If no node of the cluster has ever been ready,"
            + " nothing is lost: empty the data directories of all its nodes and start them again."
            + $" Otherwise put the old directory of {own.Name} back.",
        FoundingRefusal.ForgotPromise =>
            $"{path} is an old copy of {own.Name}'s data directory: {refusal.By.Name} knows the promise with which its cluster was"
            + " founded, and it does not. Put the newest one back, or replace the member. It does not vote, acknowledge or serve.",
        _ => Check.Unreachable<string>(refusal.Reason),
    };

    /// <summary>Whom a founding waits for, and why although it was heard.</summary>
    /// <param name="heard">Its newest word; null when it was not heard.</param>
    public static string WaitsFor(string name, FoundingWord? heard, FoundingWord own) => heard is null || heard.List == own.List
        ? name
        : $"{name}, which was started with another --cluster list, or was not restored from the same backup with the same --begin-revision";

    /// <summary>More directories than were expected.</summary>
    public static string TooMany(string path, int expected, IEnumerable<string> names) =>
        $"{path} can't found the cluster: --bootstrap-expect {expected} waits for {expected} nodes, and there are more: "
        + $"{string.Join(", ", names)}. Nothing is founded, and nothing is lost. Stop those that are too many, or give every node the"
        + " right number; further nodes join the cluster later, with --join.";

    /// <summary>Two directories under one name.</summary>
    public static string NameTwice(string path, FoundingWord own, FoundingWord other) =>
        $"{path} can't found the cluster: another data directory ({other.Instance}) at {other.Url} is named {own.Name} as well. Give each"
        + " node its own --name.";

    private static string AlreadyFounded(FoundingWord by, FoundingWord own, string path)
    {
        NodeId founder = by.Roll?.InstanceOf(own.Name) ?? NodeId.None;
        return founder.IsNone
            ? $"{by.Name} is in a cluster that was founded without a node {own.Name}. This one, with the new data directory"
                + $" {path}, does not vote, acknowledge or serve. Let it join that cluster, with --join and any member's client address;"
                + $" or let it found another one, without {by.Name}, with nodes that are new as well."
            : $"The cluster of {by.Name} was founded with another data directory of {own.Name} ({founder}); {path} is new"
                + $" ({own.Instance}) and holds nothing of what that one promised, so it does not vote, acknowledge or serve. Start"
                + $" {own.Name} with the old directory again; if that is lost, replace the member: start this"
                + $" one with --join and any member's client address, and --replace {own.Name}, instead of what founds a cluster.";
    }

    private static string Text(FoundingRoll? roll) =>
        roll is null ? "nothing" : string.Join(',', roll.Seats.Select(static seat => $"{seat.Name}={seat.Instance}"));
}
