using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using RaftKv.Tests.GeneratedClients;
using RaftKv.Tests.Support;

namespace RaftKv.Deploy.Tests.Release;

/// <summary>deploy/image.sh itself, with an apt and a dpkg-deb that give three small files, and a program that is none.</summary>
public sealed class ImageScriptTests : IDisposable
{
    private const string User = "1654";

    // Packages bring their own modes, whatever the umask.
    private const string Dpkg = """
        #!/bin/sh
        umask 022
        mkdir -p "$3/usr/share/ca-certificates/mozilla" "$3/usr/share/doc/libc6" "$3/usr/share/doc/tzdata" "$3/usr/share/man"
        echo root >"$3/usr/share/ca-certificates/mozilla/a.crt"
        echo terms >"$3/usr/share/doc/libc6/copyright"
        echo news >"$3/usr/share/doc/libc6/changelog"
        echo news >"$3/usr/share/doc/tzdata/changelog"
        echo text >"$3/usr/share/man/page"
        """;

    private const string AptGet = """
        #!/bin/sh
        for word in "$@"; do
          if [ -n "$downloads" ]; then echo >"$word.deb"; echo "$word" >>"$PACKAGES"; fi
          if [ "$word" = download ]; then downloads=1; fi
        done
        """;

    private readonly string _directory = Directory.CreateTempSubdirectory("raftkv-image-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [CommandFact("bash", "python3", "git")]
    public async Task The_user_of_the_image_reads_all_of_it_whatever_the_umask_and_writes_its_data_only()
    {
        (int code, string output) = await RunAsync("077", "image.tar", hasNewNames: false);
        Assert.True(code == 0, output);

        (JsonNode config, List<TarEntry> entries) = Read(Path.Combine(_directory, "image.tar"));
        Assert.Equal((User, "amd64"), ((string)config["config"]!["User"]!, (string)config["architecture"]!));
        Assert.All(entries, static entry => Assert.True(MayRead(entry), $"{entry.Name} is {entry.Mode} of {entry.Uid}."));
        Assert.Equal(["data"], entries.Where(static entry => entry.Uid != 0).Select(static entry => entry.Name.TrimEnd('/')));
        Assert.All(
            (string[])
            [
                "usr/lib/raftkv/raftkv", "usr/share/doc/raftkv/copyright", "usr/share/doc/libc6/copyright",
                "etc/ssl/certs/ca-certificates.crt",
            ],
            path => Assert.Contains(entries, entry => entry.Name == path));
        Assert.All(
            (string[])["changelog", "doc/tzdata", "share/man"],
            part => Assert.DoesNotContain(entries, entry => entry.Name.Contains(part, StringComparison.Ordinal)));
    }

    [CommandFact("bash", "python3", "git")]
    public async Task The_same_gives_the_same_bytes_and_the_packages_are_called_as_the_system_calls_them()
    {
        Assert.Equal(0, (await RunAsync("077", "one.tar", hasNewNames: false)).Code);
        string[] packages = File.ReadAllLines(Path.Combine(_directory, "packages"));
        Assert.Equal(0, (await RunAsync("002", "other.tar", hasNewNames: true)).Code);

        Assert.Equal(Hash("one.tar"), Hash("other.tar"));
        Assert.Contains("libssl3", packages);
        Assert.Contains("libssl3t64", File.ReadAllLines(Path.Combine(_directory, "packages")).Except(packages));
    }

    [CommandFact("bash")]
    public async Task A_machine_of_no_kind_a_program_that_is_not_there_and_too_few_words_are_refused()
    {
        string[][] wrong = [[Program(), "x86_64", "1", "f.tar"], [Program() + ".no", "amd64", "1", "f.tar"], [Program()], []];
        foreach (string[] words in wrong)
        {
            (int code, string output) = await Command.RunAsync(
                _directory, "bash", [Path.Combine(Command.Root, "deploy/image.sh"), .. words]);
            Assert.True(code == 2 && output.StartsWith("usage: deploy/image.sh", StringComparison.Ordinal), output);
        }
    }

    private static bool MayRead(TarEntry entry)
    {
        bool isEntered = entry.EntryType == TarEntryType.Directory || entry.Name == "usr/lib/raftkv/raftkv";
        UnixFileMode wanted = UnixFileMode.OtherRead | (isEntered ? UnixFileMode.OtherExecute : 0);
        return entry.EntryType == TarEntryType.SymbolicLink || entry.Mode.HasFlag(wanted);
    }

    /// <summary>The image's settings, and what its layers hold; each layer must be the one that the settings name.</summary>
    private static (JsonNode Config, List<TarEntry> Entries) Read(string image)
    {
        Dictionary<string, byte[]> files = Files(image);
        JsonNode manifest = JsonNode.Parse(files["manifest.json"])![0]!;
        JsonNode config = JsonNode.Parse(files[(string)manifest["Config"]!])!;
        List<TarEntry> entries = [];
        foreach ((JsonNode? name, JsonNode? digest) in manifest["Layers"]!.AsArray().Zip(config["rootfs"]!["diff_ids"]!.AsArray()))
        {
            byte[] layer = files[(string)name!];
            Assert.Equal((string)digest!, "sha256:" + Convert.ToHexStringLower(SHA256.HashData(layer)));
            using var reader = new TarReader(new MemoryStream(layer));
            while (reader.GetNextEntry() is { } entry)
            {
                entries.Add(entry);
            }
        }

        return (config, entries);
    }

    private static Dictionary<string, byte[]> Files(string archive)
    {
        Dictionary<string, byte[]> files = [];
        using var reader = new TarReader(File.OpenRead(archive));
        while (reader.GetNextEntry() is { DataStream: { } data } entry)
        {
            using var bytes = new MemoryStream();
            data.CopyTo(bytes);
            files.Add(entry.Name, bytes.ToArray());
        }

        return files;
    }

    private string Hash(string file) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(_directory, file))));

    private string Program()
    {
        string path = Path.Combine(_directory, "program");
        File.WriteAllText(path, "no program\n");
        return path;
    }

    private async Task<(int Code, string Output)> RunAsync(string umask, string file, bool hasNewNames)
    {
        string programs = Directory.CreateDirectory(Path.Combine(_directory, "bin")).FullName;
        (string Name, string Text)[] fakes =
        [
            ("apt-get", AptGet), ("dpkg-deb", Dpkg),
            ("apt-cache", hasNewNames ? "#!/bin/sh\necho Package: it\n" : "#!/bin/sh\nexit 100\n"),
        ];
        foreach ((string name, string text) in fakes)
        {
            string path = Path.Combine(programs, name);
            File.WriteAllText(path, text);
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }
        }

        string line = $"umask {umask}; exec deploy/image.sh '{Program()}' amd64 1.2.3 '{Path.Combine(_directory, file)}'";
        return await Command.RunAsync(
            Command.Root, "env", $"PATH={programs}:{Environment.GetEnvironmentVariable("PATH")}",
            $"PACKAGES={Path.Combine(_directory, "packages")}", "bash", "-c", line);
    }
}
