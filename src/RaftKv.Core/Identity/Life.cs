namespace RaftKv.Core.Identity;

/// <summary>One start of a data directory.</summary>
/// <param name="Number">Counts the starts of the directory, from 1; durable before anybody hears of it.</param>
/// <param name="Nonce">Drawn at the start: two starts with one number are two copies of the directory.</param>
public readonly record struct Life(long Number, ulong Nonce);

/// <summary>What a peer's start turns out to be.</summary>
public enum LifeVerdict : byte
{
    /// <summary>The one that is known.</summary>
    Known = 0,

    /// <summary>A newer one; make it durable before it is welcome.</summary>
    Newer = 1,

    /// <summary>Older than the known one: the directory was copied or put back, and its other copy started since.</summary>
    Older = 2,

    /// <summary>The known one's number with another nonce: two copies of one directory.</summary>
    Twin = 3,
}

/// <summary>What there is to say of a peer's life, pure.</summary>
public static class LifeRules
{
    /// <summary>Judges a start by the newest that is known of that directory; null when none is.</summary>
    /// <remarks>
    /// Without copies nothing is refused: a directory counts on before it speaks. A word of an earlier life that
    /// arrives late is refused too, and nobody is there any more to be hurt.
    /// </remarks>
    public static LifeVerdict Judge(Life? known, Life said) => known switch
    {
        null => LifeVerdict.Newer,
        { } life when said.Number > life.Number => LifeVerdict.Newer,
        { } life when said.Number < life.Number => LifeVerdict.Older,
        { } life => said.Nonce == life.Nonce ? LifeVerdict.Known : LifeVerdict.Twin,
    };
}
