namespace RaftKv.EtcdConformance.Servers;

/// <summary>What is on the PATH.</summary>
internal static class InstalledCommands
{
    public static bool Has(string command) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator)
        .Any(folder => File.Exists(Path.Combine(folder, command)));
}
