namespace RaftKv.Integrations.Tests.Support;

/// <summary>The tree that these tests were built from.</summary>
internal static class SourceTree
{
    /// <exception cref="InvalidOperationException">The tests do not run below a source tree.</exception>
    internal static string Root()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "RaftKv.sln")))
            {
                return at.FullName;
            }
        }

        throw new InvalidOperationException($"No RaftKv.sln above {AppContext.BaseDirectory}.");
    }
}
