using System.Diagnostics;
using System.Globalization;

namespace RaftKv.JepsenStyle.Cluster;

/// <summary>
/// A small file system over one directory, seen only by who is started in its mount namespace. Needs no root where the
/// kernel lets users make namespaces; the file system ends with its holder.
/// </summary>
internal sealed class SmallDisk : IDisposable
{
    private static readonly bool IsRoot = Environment.IsPrivilegedProcess;
    private static readonly Lazy<string?> Obstacle = new(Probe);
    private readonly Process _holder;

    /// <param name="directory">Where it is laid over; it must be there.</param>
    public SmallDisk(string directory, int megabytes)
    {
        string mount = string.Create(CultureInfo.InvariantCulture, $"mount -t tmpfs -o size={megabytes}m raftkv-jepsen '{directory}'");

        // The holder reads a pipe from this process: when the suite ends in whatever way, so does it.
        var info = new ProcessStartInfo(Programs.Find("unshare")!)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        Array.ForEach([.. Namespaces, "sh", "-c", $"{mount} && echo mounted && exec cat >/dev/null"], info.ArgumentList.Add);
        _holder = Process.Start(info)!;
        if (_holder.StandardOutput.ReadLine() != "mounted")
        {
            string said = _holder.StandardError.ReadToEnd();
            Dispose();
            throw new InvalidOperationException($"A small file system can't be mounted: {said.Trim()}");
        }
    }

    /// <summary>Why this machine lets us make none; null when it does.</summary>
    public static string? WhyNot => Obstacle.Value;

    /// <summary>What to put before a command that shall see it. The command keeps the process id.</summary>
    public IReadOnlyList<string> Launcher =>
    [
        "nsenter", "--target", _holder.Id.ToString(CultureInfo.InvariantCulture), "--mount",
        .. IsRoot ? Array.Empty<string>() : ["--user", "--preserve-credentials"], "--",
    ];

    private static string[] Namespaces => IsRoot ? ["--mount"] : ["--mount", "--user", "--map-root-user"];

    /// <summary>The path by which this process reaches a file in it.</summary>
    public string FromOutside(string path) => string.Create(CultureInfo.InvariantCulture, $"/proc/{_holder.Id}/root{path}");

    public void Dispose()
    {
        if (!_holder.HasExited)
        {
            _holder.Kill();
            _holder.WaitForExit();
        }

        _holder.Dispose();
    }

    private static string? Probe()
    {
        if (Programs.Find("unshare") is null || Programs.Find("nsenter") is null)
        {
            return "unshare and nsenter are not installed";
        }

        (int code, string output) = Programs.Run("unshare", [.. Namespaces, "mount", "-t", "tmpfs", "raftkv-probe", Path.GetTempPath()]);
        return code == 0 ? null : $"a file system in a mount namespace is not allowed here: {output.Trim()}";
    }
}
