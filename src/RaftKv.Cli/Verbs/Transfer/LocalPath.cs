using RaftKv.Cli.Connection;

namespace RaftKv.Cli.Verbs.Transfer;

/// <summary>
/// What stands where a file or directory of this machine is meant: an address would be taken for one named so. It is not repeated,
/// since people put secrets into addresses.
/// </summary>
internal static class LocalPath
{
    /// <summary>The text, which names something here. Throws <see cref="CtlException"/> for an address.</summary>
    /// <param name="instead">What to do in place of it, as a sentence.</param>
    public static string Require(string text, string instead) =>
        text.StartsWith("s3:", StringComparison.OrdinalIgnoreCase) || text.Contains("://", StringComparison.Ordinal)
            ? throw CtlException.Usage($"A file or directory on this machine is wanted here, and no address. {instead}")
            : text;
}
