namespace RaftKv.Dashboard.Tests.Browser;

/// <summary>A fact that needs Chromium; skipped, with the reason, where none is installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BrowserFactAttribute : FactAttribute
{
    public BrowserFactAttribute()
    {
        if (ChromiumPath is null)
        {
            Skip = "No Chromium at /usr/bin/chromium, and RAFTKV_CHROMIUM names none. On Debian: apt-get install chromium.";
        }
    }

    /// <summary>Where Chromium is; null when it is not.</summary>
    public static string? ChromiumPath { get; } = Array.Find(
        [Environment.GetEnvironmentVariable("RAFTKV_CHROMIUM") ?? string.Empty, "/usr/bin/chromium", "/usr/bin/chromium-browser"],
        File.Exists);
}
