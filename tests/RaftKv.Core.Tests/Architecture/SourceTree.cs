namespace RaftKv.Core.Tests.Architecture;

/// <summary>The repository's own files, found from the place of the test assembly.</summary>
internal static class SourceTree
{
    private static readonly string[] CodeFolders = ["src", "tests", "bench", "tools"];

    /// <summary>The directory that holds RaftKv.sln.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>All C# files that people wrote, as paths relative to the root with forward slashes, sorted.</summary>
    public static IReadOnlyList<string> CSharpFiles { get; } = Files(".cs", CodeFolders);

    /// <summary>Project files, relative to the root, sorted.</summary>
    public static IReadOnlyList<string> ProjectFiles { get; } = Files(".csproj", CodeFolders);

    /// <summary>Text of a file named by its relative path.</summary>
    public static string Read(string relativePath) => File.ReadAllText(Path.Combine(Root, relativePath));

    /// <summary>Files below the folders whose names end so; build output is left out.</summary>
    public static IReadOnlyList<string> Files(string ending, params string[] folders)
    {
        var result = new List<string>();
        foreach (string folder in folders)
        {
            string directory = Path.Combine(Root, folder);
            if (!Directory.Exists(directory))
            {
                continue;
            }

            foreach (string file in Directory.EnumerateFiles(directory, "*" + ending, SearchOption.AllDirectories))
            {
                string relative = Path.GetRelativePath(Root, file).Replace('\\', '/');
                if (!relative.Contains("/bin/", StringComparison.Ordinal) && !relative.Contains("/obj/", StringComparison.Ordinal))
                {
                    result.Add(relative);
                }
            }
        }

        result.Sort(StringComparer.Ordinal);
        return result;
    }

    private static string FindRoot()
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
