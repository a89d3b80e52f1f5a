namespace RaftKv.EtcdConformance.Servers;

/// <summary>A fact that needs promtool; skipped, with the reason, where it is not installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PromtoolFactAttribute : FactAttribute
{
    public PromtoolFactAttribute()
    {
        if (!InstalledCommands.Has("promtool"))
        {
            Skip = "No promtool on the PATH. On Debian: apt-get install prometheus.";
        }
    }
}
