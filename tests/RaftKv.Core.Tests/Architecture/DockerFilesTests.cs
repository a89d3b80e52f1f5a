using System.Text.RegularExpressions;

namespace RaftKv.Core.Tests.Architecture;

/// <summary>What of the container files can be seen to be wrong without a container engine.</summary>
public sealed partial class DockerFilesTests
{
    private static readonly string Dockerfile = SourceTree.Read("docker/Dockerfile");
    private static readonly string Compose = SourceTree.Read("docker/compose.yml");

    [Fact]
    public void Every_file_that_is_copied_exists_and_is_in_the_build_context()
    {
        Assert.Empty(MissingSources(Dockerfile, SourceTree.Read(".dockerignore")));
        Assert.True(CopiedSources(Dockerfile).Count() >= 6, "The scan found hardly any COPY.");
    }

    [Fact]
    public void A_copy_of_a_file_that_is_not_there_is_found()
    {
        Assert.Single(MissingSources("COPY src/Nowhere.csproj ./\n", "*\n!src\n"));
        Assert.Single(MissingSources("COPY README.md ./\n", "*\n!src\n"));
        Assert.Empty(MissingSources("COPY --from=build /app /app\nCOPY src/ src/\n", "*\n!src\n"));
    }

    [Fact]
    public void Every_project_that_the_server_refers_to_is_copied_before_the_restore()
    {
        string beforeRestore = Dockerfile[..Dockerfile.IndexOf("RUN dotnet restore", StringComparison.Ordinal)];
        foreach (Match reference in ProjectReference().Matches(SourceTree.Read("src/RaftKv/RaftKv.csproj")))
        {
            Assert.Contains("src/" + reference.Groups["path"].Value, beforeRestore, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_image_runs_as_a_user_without_rights_and_checks_itself_without_a_shell()
    {
        Match user = User().Match(Dockerfile);

        Assert.True(user.Success && user.Groups["user"].Value is not ("root" or "0"), "The image runs as root.");
        Assert.Contains("VOLUME /data\n", Dockerfile, StringComparison.Ordinal);
        Assert.Contains("EXPOSE 2379 2380\n", Dockerfile, StringComparison.Ordinal);
        Assert.Contains("""CMD ["dotnet", "/app/raftkv.dll", "health"]""", Dockerfile, StringComparison.Ordinal);
    }

    [Fact]
    public void The_image_is_built_for_the_machine_that_it_is_for_by_the_compiler_of_the_one_that_builds()
    {
        Assert.Matches(@"(?m)^FROM --platform=\$BUILDPLATFORM \S+ AS build$", Dockerfile);
        Assert.Contains("ARG TARGETARCH\n", Dockerfile, StringComparison.Ordinal);
        Assert.Matches(@"(?m)^RUN dotnet restore .* -a ""\$TARGETARCH""", Dockerfile);
        Assert.Matches(@"(?m)^RUN dotnet publish .* -a ""\$TARGETARCH"" .*--no-restore", Dockerfile);

        // The last image is of the target's own kind, and nothing runs in it while it is built.
        string last = Dockerfile[Dockerfile.LastIndexOf("\nFROM ", StringComparison.Ordinal)..];
        Assert.DoesNotContain("--platform", last);
        Assert.DoesNotMatch("(?m)^RUN ", last);
    }

    [Fact]
    public void Containers_write_nothing_but_data_and_have_no_rights()
    {
        foreach (string line in (string[])["read_only: true", "cap_drop: [ALL]", "no-new-privileges:true", "tmpfs: [/tmp]"])
        {
            Assert.Contains(line, Compose, StringComparison.Ordinal);
        }

        // Without TLS beyond the container, which is said, and told to nobody beyond the machine.
        Assert.Equal(3, Compose.Split("--insecure]").Length - 1);
        Assert.Contains("\"--insecure\"]", Dockerfile, StringComparison.Ordinal);
    }

    [Fact]
    public void All_nodes_of_the_compose_file_share_one_cluster_list_and_have_ports_of_their_own()
    {
        string[] lists = [.. ClusterList().Matches(Compose).Select(match => match.Groups["list"].Value)];
        string[] ports = [.. HostPort().Matches(Compose).Select(match => match.Groups["port"].Value)];

        Assert.Equal(3, lists.Length);
        Assert.Single(lists.Distinct());
        Assert.Equal(["2379", "2389", "2399"], ports);
        Assert.DoesNotContain('\t', Compose);
        foreach (string member in lists[0].Split(','))
        {
            string name = member[..member.IndexOf('=', StringComparison.Ordinal)];
            Assert.Matches($"(?m)^  {name}:$", Compose);
            Assert.Contains($"--name, {name},", Compose, StringComparison.Ordinal);
            Assert.Contains($"\"{name}:/data\"", Compose, StringComparison.Ordinal);
        }
    }

    private static IEnumerable<string> CopiedSources(string dockerfile) =>
        Copy().Matches(dockerfile).SelectMany(match => match.Groups["sources"].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    /// <summary>
    /// Sources that the repository lacks, or that .dockerignore (which allows by "!name" after "*") keeps out.
    /// </summary>
    private static IEnumerable<string> MissingSources(string dockerfile, string dockerignore)
    {
        string[] allowed = [.. dockerignore.Split('\n').Where(line => line.StartsWith('!')).Select(line => line[1..].Trim())];
        return CopiedSources(dockerfile).Where(source =>
        {
            string path = Path.Combine(SourceTree.Root, source);
            return !(File.Exists(path) || Directory.Exists(path)) || !allowed.Contains(source.TrimEnd('/').Split('/')[0]);
        });
    }

    [GeneratedRegex(@"^COPY (?!--from)(?<sources>.+) \S+$", RegexOptions.Multiline)]
    private static partial Regex Copy();

    [GeneratedRegex(@"^USER (?<user>\S+)$", RegexOptions.Multiline)]
    private static partial Regex User();

    [GeneratedRegex(@"<ProjectReference Include=""\.\./(?<path>[^""]+)""")]
    private static partial Regex ProjectReference();

    [GeneratedRegex(@"--cluster, ""(?<list>[^""]+)""")]
    private static partial Regex ClusterList();

    [GeneratedRegex(@"""127\.0\.0\.1:(?<port>\d+):2379""")]
    private static partial Regex HostPort();
}
