namespace RaftKv.Client.Testing;

/// <summary>Finds the server to start.</summary>
internal static class ServerLocator
{
    private const string Variable = "RAFTKV_SERVER";

    /// <exception cref="FileNotFoundException">There is none; the message says where it was looked for.</exception>
    internal static string Find(string? given)
    {
        string? named = given ?? Environment.GetEnvironmentVariable(Variable);
        if (named is not null)
        {
            return File.Exists(named) ? named : throw new FileNotFoundException($"The server is not at {named}.", named);
        }

        string beside = Path.Combine(AppContext.BaseDirectory, "raftkv.dll");
        string name = OperatingSystem.IsWindows() ? "raftkv.exe" : "raftkv";
        IEnumerable<string> inPath = (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, name));
        return inPath.Prepend(beside).FirstOrDefault(File.Exists) ?? throw new FileNotFoundException(
            $"No RaftKv server found: not at {beside}, and no {name} in the search path. Set {Variable} or TestClusterOptions.ServerPath.");
    }
}
