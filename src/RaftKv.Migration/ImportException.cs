namespace RaftKv.Migration;

/// <summary>An import can't go on; the message is a sentence for the operator.</summary>
public sealed class ImportException(string message) : Exception(message)
{
    /// <summary>True when settings or a cluster's state don't fit, so that the same command fails again.</summary>
    public bool IsRefusal { get; init; }
}
