namespace RaftKv.EtcdConformance.Servers;

/// <summary>A fact that needs a real etcd and etcdctl; skipped, with the reason, where they are not installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class EtcdFactAttribute : FactAttribute
{
    public EtcdFactAttribute()
    {
        if (!InstalledCommands.Has("etcd") || !InstalledCommands.Has("etcdctl"))
        {
            Skip = "No etcd and etcdctl on the PATH to compare with. On Debian: apt-get install etcd-server etcd-client.";
        }
    }
}
