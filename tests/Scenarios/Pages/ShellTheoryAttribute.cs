namespace RaftKv.Scenarios.Pages;

/// <summary>A theory that needs bash and curl; skipped, with the reason, where they are not installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ShellTheoryAttribute : TheoryAttribute
{
    public ShellTheoryAttribute()
    {
        string[] missing = [.. new[] { "bash", "curl" }.Where(static tool => !IsInstalled(tool))];
        if (missing.Length > 0)
        {
            Skip = $"Not installed: {string.Join(", ", missing)}.";
        }
    }

    private static bool IsInstalled(string tool) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, tool)));
}
