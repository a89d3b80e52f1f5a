namespace RaftKv.Migration.Import;

/// <summary>How an import ended.</summary>
public enum ImportEnd
{
    /// <summary>Everything is there, as it was asked for.</summary>
    Done,

    /// <summary>Told to stop; the same command goes on.</summary>
    Stopped,

    /// <summary>The two sides differ, or the source is still written to: not cut over. The same command goes on.</summary>
    NotCutOver,
}
