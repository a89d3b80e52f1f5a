using System.Text.RegularExpressions;
using System.Xml.Linq;
using RaftKv.Tests.GeneratedClients;

namespace RaftKv.Deploy.Tests.Release;

/// <summary>
/// The release's scripts, as far as they can be seen through without a release; RAFTKV_RELEASE=1 makes one, for all platforms, and
/// installs what this machine can run; RAFTKV_RELEASE_OUT=DIRECTORY keeps it, and what was seen of it beside it, in DIRECTORY.seen.
/// </summary>
public sealed partial class ReleaseTests
{
    private static readonly string Script = Read("deploy/release.sh");

    [Theory]
    [InlineData("deploy/release.sh")]
    [InlineData("deploy/version.sh")]
    [InlineData("deploy/release-check.sh")]
    [InlineData("deploy/chroot-check.sh")]
    [InlineData("deploy/image.sh")]
    [InlineData("deploy/debian/postinst")]
    [InlineData("deploy/debian/prerm")]
    [InlineData("deploy/debian/postrm")]
    public async Task A_script_is_one(string path)
    {
        (int code, string output) = await Command.RunAsync(Command.Root, "bash", "-n", path);

        Assert.True(code == 0, output);
        if (!OperatingSystem.IsWindows() && path.EndsWith(".sh", StringComparison.Ordinal))
        {
            Assert.True(File.GetUnixFileMode(Path.Combine(Command.Root, path)).HasFlag(UnixFileMode.UserExecute), $"{path} can't be run.");
        }
    }

    [Fact]
    public void Each_package_has_a_readme_a_description_and_one_of_them_is_the_tool()
    {
        string[] projects = [.. Directory.EnumerateFiles(Path.Combine(Command.Root, "src"), "*.csproj", SearchOption.AllDirectories)];
        List<string> tools = [];
        foreach (string project in projects)
        {
            if (!File.ReadAllText(project).Contains("<IsPackable>true", StringComparison.Ordinal))
            {
                continue;
            }

            XElement[] settings = [.. XDocument.Load(project).Descendants()];
            Assert.Contains(settings, static one => one.Name.LocalName == "Description" && one.Value.Length > 20);
            Assert.True(File.Exists(Path.Combine(Path.GetDirectoryName(project)!, "README.md")), $"{project} has no README.md.");
            tools.AddRange(settings.Where(static one => one.Name.LocalName == "ToolCommandName").Select(static one => one.Value));
        }

        Assert.Equal(["raftkv", "raftkvctl"], tools.Order());
    }

    [Fact]
    public void What_the_script_takes_is_there_and_what_it_fills_in_has_a_place()
    {
        foreach (string path in Source().Matches(Script).Select(static match => match.Groups["path"].Value).Distinct())
        {
            string full = Path.Combine(Command.Root, path);
            Assert.True(File.Exists(full) || Directory.Exists(full), $"{path} is missing.");
        }

        string control = Read("deploy/debian/control");
        Assert.All((string[])["@VERSION@", "@ARCH@", "@SIZE@"], place =>
        {
            Assert.Contains(place, control);
            Assert.Contains(place, Script);
        });

        // The unit starts what the package has.
        Assert.Contains("ExecStart=/usr/lib/raftkv/raftkv serve", Read("deploy/systemd/raftkv.service"));
        Assert.Contains("\"$root/usr/lib/raftkv/raftkv\"", Script);
        Assert.Contains("/etc/raftkv/raftkv.env", Read("deploy/systemd/raftkv.service"));
    }

    [Fact]
    public void One_version_is_said_everywhere()
    {
        string version = Regex.Match(Read("Directory.Build.props"), "<Version>(.*)</Version>").Groups[1].Value;

        Assert.Contains($"version: {version}\n", Read("deploy/helm/raftkv/Chart.yaml"));
        Assert.Contains($"appVersion: \"{version}\"\n", Read("deploy/helm/raftkv/Chart.yaml"));
        Assert.Contains($"\"version\": \"{version}\"", Read("clients/typescript/package.json"));
        Assert.Contains($"\nversion = \"{version}\"\n", Read("clients/python/pyproject.toml"));
        Assert.Contains($"image: raftkv:{version}\n", Read("deploy/kubernetes/raftkv.yaml"));
    }

    [Fact]
    public void The_page_of_installation_has_every_platform_and_package_that_the_script_makes()
    {
        string page = Read("docs/operations/install.md");
        string[] platforms = Regex.Match(Script, @"rids=""\$\{RIDS:-(?<list>[^}]+)\}""").Groups["list"].Value.Split(' ');

        Assert.Equal(4, platforms.Length);
        Assert.All(platforms, platform => Assert.Contains($"`raftkv-VERSION-{platform}.tar.gz`", page));
        Assert.Contains("`raftkv-VERSION.tgz`", page);
        foreach (Match package in Regex.Matches(Script, @"then deb (?<kind>\w+) "))
        {
            Assert.Contains($"`raftkv_VERSION_{package.Groups["kind"].Value}.deb`", page);
        }
    }

    [Fact]
    public void The_image_is_built_from_all_that_the_server_refers_to()
    {
        HashSet<string> needed = new(StringComparer.Ordinal);
        AddWithReferences(Path.Combine(Command.Root, "src", "RaftKv", "RaftKv.csproj"), needed);
        string[] copied =
        [
            .. Regex.Matches(Read("docker/Dockerfile"), @"^COPY (?<path>src/\S+\.csproj) ", RegexOptions.Multiline)
                .Select(static match => match.Groups["path"].Value),
        ];

        Assert.Equal(needed.Order(StringComparer.Ordinal), copied.Order(StringComparer.Ordinal));
    }

    [ReleaseFact]
    public async Task A_release_of_this_commit_is_made_installed_and_run()
    {
        string folder = Directory.CreateTempSubdirectory("raftkv-release-").FullName;
        try
        {
            string clone = Path.Combine(folder, "clone");
            string? kept = Environment.GetEnvironmentVariable("RAFTKV_RELEASE_OUT");
            string made = kept ?? Path.Combine(folder, "out");
            await MustAsync(folder, "git", "clone", "--quiet", Command.Root, clone);
            await MustAsync(clone, Path.Combine(clone, "deploy", "release.sh"), made);
            string seen = await MustAsync(clone, Path.Combine(clone, "deploy", "release-check.sh"), made);
            if (kept is not null)
            {
                await File.WriteAllTextAsync(kept + ".seen", seen);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<string> MustAsync(string folder, string program, params string[] arguments)
    {
        (int code, string output) = await Command.RunAsync(folder, program, TimeSpan.FromMinutes(60), arguments);
        Assert.True(code == 0, output);
        return output;
    }

    private static void AddWithReferences(string project, HashSet<string> found)
    {
        if (!found.Add(Path.GetRelativePath(Command.Root, project).Replace('\\', '/')))
        {
            return;
        }

        string folder = Path.GetDirectoryName(project)!;
        foreach (XElement reference in XDocument.Load(project).Descendants("ProjectReference"))
        {
            AddWithReferences(Path.GetFullPath(Path.Combine(folder, reference.Attribute("Include")!.Value)), found);
        }
    }

    private static string Read(string path) => File.ReadAllText(Path.Combine(Command.Root, path));

    // Of the repository, not of a scratch folder; and not what a star stands behind.
    [GeneratedRegex(@"(?<![/\w])(?<path>(deploy|clients|tools|src)/(?>[\w./-]*\w))(?!/\*)")]
    private static partial Regex Source();
}

/// <summary>A fact that takes a quarter of an hour and more; it runs when RAFTKV_RELEASE=1 asks for it.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ReleaseFactAttribute : FactAttribute
{
    public ReleaseFactAttribute()
    {
        if (Environment.GetEnvironmentVariable("RAFTKV_RELEASE") != "1")
        {
            Skip = "It takes a quarter of an hour; RAFTKV_RELEASE=1 runs it.";
        }
    }
}
