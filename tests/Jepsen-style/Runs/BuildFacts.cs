using System.Globalization;
using System.Runtime.InteropServices;
using RaftKv.JepsenStyle.Cluster;

namespace RaftKv.JepsenStyle.Runs;

/// <summary>What a result must say about where it came from.</summary>
internal static class BuildFacts
{
    /// <summary>
    /// What was built: RAFTKV_COMMIT says it for a copy; else the repository's head, with "+" behind it when files differ.
    /// </summary>
    public static string Commit { get; } = FindCommit();

    public static string Machine { get; } =
        string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessorCount} cores, {RuntimeInformation.OSDescription}");

    private static string FindCommit()
    {
        if (Environment.GetEnvironmentVariable("RAFTKV_COMMIT") is { Length: > 0 } named)
        {
            return named;
        }

        (int code, string head) = Programs.Run("git", "rev-parse", "--short=12", "HEAD");
        (_, string changes) = Programs.Run("git", "status", "--porcelain", "--untracked-files=no");
        return code != 0 ? "unknown" : head.Trim() + (changes.Trim().Length > 0 ? "+" : "");
    }
}
