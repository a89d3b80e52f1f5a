using RaftKv.Core.Identity;

namespace RaftKv.Hosting.Formation;

/// <summary>Those among whom a directory founds its cluster: the ones of a list, or as many as it expects.</summary>
internal abstract class FoundingCircle
{
    /// <summary>Where further directories are, for who asks; a new list at each change. Any thread.</summary>
    public virtual IReadOnlyCollection<string> Known => [];

    /// <summary>What this directory says of itself now.</summary>
    public virtual FoundingWord Say(FoundingWord own) => own;

    /// <summary>The next step, by what was heard last.</summary>
    public abstract FoundingStep Next(FoundingWord own);

    /// <summary>Asks everybody once.</summary>
    public abstract Task AskAsync(FoundingWord said, CancellationToken cancellationToken);

    /// <summary>For whom the founding waits.</summary>
    public abstract string WaitsFor(FoundingStep.Wait wait, FoundingWord own);

    /// <summary>Why this directory can't take part.</summary>
    public abstract string TextOf(FoundingStep.Refuse refusal, FoundingWord own, string path);

    /// <summary>Somebody asked, who is reached at that address. Any thread.</summary>
    public virtual void Meet(string url)
    {
    }
}
