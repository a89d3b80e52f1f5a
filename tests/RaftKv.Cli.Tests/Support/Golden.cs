using RaftKv.Core.Tests.Architecture;

namespace RaftKv.Cli.Tests.Support;

/// <summary>What a command is to print, in a file; UPDATE_GOLDEN=1 writes it.</summary>
internal static class Golden
{
    /// <summary>All of them, one after the other.</summary>
    public static string All() => string.Concat(
        Directory.EnumerateFiles(Path.Combine(SourceTree.Root, "tests", "RaftKv.Cli.Tests", "Goldens"), "*.txt")
            .Order(StringComparer.Ordinal).Select(File.ReadAllText));

    public static void Check(string name, string text)
    {
        string path = Path.Combine(SourceTree.Root, "tests", "RaftKv.Cli.Tests", "Goldens", name + ".txt");
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            File.WriteAllText(path, text);
            return;
        }

        Assert.True(File.Exists(path), $"{path} is missing; UPDATE_GOLDEN=1 writes it.");
        Assert.Equal(File.ReadAllText(path), text);
    }
}
