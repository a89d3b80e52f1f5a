namespace RaftKv.JepsenStyle.Cluster;

/// <summary>How a server is started: what follows "dotnet", up to its own "serve".</summary>
internal sealed record ServerCommand(IReadOnlyList<string> Words);

/// <summary>Where the built server is: beside this suite's own output, in the same configuration.</summary>
internal static class BuiltServer
{
    /// <summary>The variable that says which engine a run's nodes have; nodes started without it have their own default.</summary>
    public const string EngineVariable = "RAFTKV_ENGINE";

    /// <summary>The engine that this run's nodes must have; null for their default.</summary>
    public static string? Engine { get; } = Environment.GetEnvironmentVariable(EngineVariable);

    /// <summary>Starts raftkv.dll; RAFTKV_SERVER_DLL names another one.</summary>
    public static ServerCommand Command =>
        new([Environment.GetEnvironmentVariable("RAFTKV_SERVER_DLL") ?? FindBuilt(Path.Combine("src", "RaftKv"), "raftkv.dll")]);

    /// <summary>The program that runs it: the one that runs this suite.</summary>
    public static string Host { get; } =
        Environment.GetEnvironmentVariable("DOTNET_HOST_PATH")
        ?? (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? Environment.ProcessPath! : "dotnet");

    /// <summary>
    /// What a project beside this one was built into: …/tests/Jepsen-style/bin/{Configuration}/{framework}/ →
    /// …/{project}/bin/{Configuration}/{framework}/{name}.
    /// </summary>
    public static string FindBuilt(string project, string name)
    {
        var output = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        string dll = Path.Combine(FindRoot(), project, "bin", output.Parent!.Name, output.Name, name);
        return File.Exists(dll) ? dll : throw new FileNotFoundException($"It is not built: {dll}. Run dotnet build first.");
    }

    /// <summary>The directory of RaftKv.sln, above this suite's output.</summary>
    public static string FindRoot()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "RaftKv.sln")))
            {
                return at.FullName;
            }
        }

        throw new InvalidOperationException($"No RaftKv.sln above {AppContext.BaseDirectory}; set RAFTKV_SERVER_DLL.");
    }
}
