namespace RaftKv.Core;

/// <summary>
/// An entry or a snapshot needs a cluster version that this build does not support. Nothing of it was applied. The node
/// must stop: to guess would be to differ from the others.
/// </summary>
public sealed class UnsupportedVersionException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="what">The thing that can't be understood, as the start of a sentence.</param>
    public UnsupportedVersionException(string what, ClusterVersion needed, ClusterVersion supported)
        : base($"{what} needs cluster version {needed}, and this build supports versions up to {supported}. Nothing of it was"
            + " applied. Start this node with the version of the program that the others run.")
    {
    }
}
