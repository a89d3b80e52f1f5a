using RaftKv.Cli.Tests.Support;

namespace RaftKv.Cli.Tests;

/// <summary>The completion scripts in the shells that they are for.</summary>
public sealed class CompletionTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("raftkv-completion-");

    public void Dispose() => _directory.Delete(recursive: true);

    [ShellTheory]
    [InlineData("bash", "--norc --noprofile", "PS1='ready> '; source <(raftkvctl completion bash)")]
    [InlineData(
        "zsh", "-f", "PS1='ready> '; autoload -U compinit; compinit -D; source <(raftkvctl completion zsh)")]
    [InlineData("fish", "--no-config", "function fish_prompt; echo 'ready> '; end; raftkvctl completion fish | source")]
    public async Task A_word_is_completed_in(string shell, string bare, string profile)
    {
        if (OperatingSystem.IsWindows() || ShellTheoryAttribute.Find(shell) is not { } program)
        {
            return;
        }

        string command = Path.Combine(_directory.FullName, "raftkvctl");
        await File.WriteAllTextAsync(
            command, $"#!/bin/sh\nexec dotnet {Path.Combine(AppContext.BaseDirectory, "raftkvctl.dll")} \"$@\"\n");
        File.SetUnixFileMode(command, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        await using Tmux screen = await Tmux.StartProgramAsync(
            _directory.FullName, $"PATH={_directory.FullName}:$PATH HOME={_directory.FullName} {program} {bare}");
        await screen.TypeAsync(profile);
        await screen.PressAsync("Enter");
        await screen.SeeAsync(static lines => lines[^1] == "ready>");
        await screen.TypeAsync("raftkvctl lease gr");
        await screen.PressAsync("Tab");
        await screen.SeeAsync(static lines => lines[^1] == "ready> raftkvctl lease grant");
        await screen.TypeAsync("--tt");
        await screen.PressAsync("Tab");
        await screen.SeeAsync(static lines => lines[^1] == "ready> raftkvctl lease grant --ttl");
        await screen.PressAsync("C-u");
        await screen.SeeAsync(static lines => lines[^1] == "ready>");
    }
}
