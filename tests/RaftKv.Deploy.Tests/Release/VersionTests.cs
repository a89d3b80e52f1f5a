using RaftKv.Tests.GeneratedClients;
using RaftKv.Tests.Support;

namespace RaftKv.Deploy.Tests.Release;

/// <summary>deploy/version.sh in a repository of its own, and what deploy/release.sh does before it begins.</summary>
public sealed class VersionTests : IAsyncLifetime
{
    private readonly string _repository = Directory.CreateTempSubdirectory("raftkv-version-").FullName;

    public async Task InitializeAsync()
    {
        Directory.CreateDirectory(Path.Combine(_repository, "deploy"));
        foreach (string script in (string[])["version.sh", "release.sh", "release-check.sh"])
        {
            File.Copy(Path.Combine(Command.Root, "deploy", script), Path.Combine(_repository, "deploy", script));
        }

        await File.WriteAllTextAsync(
            Path.Combine(_repository, "Directory.Build.props"),
            "<Project><PropertyGroup><Version>1.2.3</Version></PropertyGroup></Project>\n");
        await GitAsync("init", "--quiet");
        await GitAsync("add", ".");
        await GitAsync("-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "-m", "a");
    }

    public Task DisposeAsync()
    {
        Directory.Delete(_repository, recursive: true);
        return Task.CompletedTask;
    }

    [CommandFact("bash", "git")]
    public async Task Without_a_tag_it_has_the_commit_which_is_never_a_number_and_with_one_it_is_the_tag()
    {
        Assert.Matches("^1\\.2\\.3-dev\\.g[0-9a-f]{10}\n$", (await RunAsync("deploy/version.sh")).Output);
        await GitAsync("tag", "v1.2.3-rc.1");
        Assert.Equal((0, "1.2.3-rc.1\n"), await RunAsync("deploy/version.sh"));
        await GitAsync("tag", "-d", "v1.2.3-rc.1");
        await GitAsync("tag", "v1.2.3");
        Assert.Equal((0, "1.2.3\n"), await RunAsync("deploy/version.sh"));
    }

    [CommandFact("bash", "git")]
    public async Task A_tag_that_is_no_version_or_another_than_that_of_the_code_is_refused()
    {
        foreach ((string tag, string why) in ((string, string)[])
            [("v1.2.4", "Directory.Build.props 1.2.3"), ("v1.2", "the tag v1.2 is no version"), ("v1.2.3-rc_1", "is no version")])
        {
            await GitAsync("tag", tag);
            (int code, string output) = await RunAsync("deploy/version.sh");
            Assert.True(code == 1 && output.Contains(why, StringComparison.Ordinal), output);
            await GitAsync("tag", "-d", tag);
        }
    }

    [CommandFact("bash", "git")]
    public async Task A_folder_with_anything_but_a_release_in_it_is_left_alone()
    {
        string file = Path.Combine(_repository, "home", "letter");
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        await File.WriteAllTextAsync(file, "mine");
        foreach (string place in (string[])["home", "home/letter", "."])
        {
            (int code, string output) = await RunAsync("deploy/release.sh", place);
            Assert.True(code == 1 && output.Contains("holds something that is no release", StringComparison.Ordinal), output);
        }

        Assert.True(File.Exists(file) && File.Exists(Path.Combine(_repository, "Directory.Build.props")));
        (int missing, string said) = await RunAsync("deploy/release-check.sh", "home");
        Assert.True(missing == 2 && said.Contains("holds no release", StringComparison.Ordinal), said);
    }

    [CommandFact("bash", "git")]
    public async Task A_tree_with_changes_is_refused_before_anything_is_made()
    {
        await File.WriteAllTextAsync(Path.Combine(_repository, "new.cs"), "");
        (int code, string output) = await RunAsync("deploy/release.sh", "out");

        Assert.True(code == 1 && output.Contains("changes that no commit has", StringComparison.Ordinal), output);
        Assert.False(Directory.Exists(Path.Combine(_repository, "out")));
    }

    private Task<(int Code, string Output)> RunAsync(string script, params string[] words) =>
        Command.RunAsync(_repository, "bash", [script, .. words]);

    private async Task GitAsync(params string[] words)
    {
        (int code, string output) = await Command.RunAsync(_repository, "git", words);
        Assert.True(code == 0, output);
    }
}
