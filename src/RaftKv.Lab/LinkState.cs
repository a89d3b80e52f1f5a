namespace RaftKv.Lab;

/// <summary>What a link does with what it is given.</summary>
public enum LinkState
{
    /// <summary>It passes everything on, after its delay.</summary>
    Open = 0,

    /// <summary>It keeps everything, as a network that loses all packets does; nobody is told.</summary>
    Held = 1,

    /// <summary>It closes its connections and every new one: the other side is surely told.</summary>
    Cut = 2,
}
