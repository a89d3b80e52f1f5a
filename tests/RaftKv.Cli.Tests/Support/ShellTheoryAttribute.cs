namespace RaftKv.Cli.Tests.Support;

/// <summary>A test in shells, which needs tmux; of the shells those that are here.</summary>
internal sealed class ShellTheoryAttribute : TheoryAttribute
{
    public ShellTheoryAttribute() =>
        Skip = Tmux.Program is null ? "There is no tmux here, which shows a screen as a person sees it." : null;

    /// <summary>Where a shell is; null for nowhere.</summary>
    public static string? Find(string shell) =>
        Array.Find([$"/usr/bin/{shell}", $"/bin/{shell}", $"/usr/local/bin/{shell}", $"/opt/homebrew/bin/{shell}"], File.Exists);
}
