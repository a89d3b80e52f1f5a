using RaftKv.Tests.GeneratedClients;

namespace RaftKv.Tests.Backups;

/// <summary>A fact that needs a real object store; skipped, with the reason, where its packages are not installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RealStoreFactAttribute : FactAttribute
{
    public RealStoreFactAttribute(string store)
    {
        (string[] programs, string packages) = store == RealStore.RadosGateway
            ? ((string[])["radosgw", "ceph-mon", "ceph-osd", "radosgw-admin"], "radosgw ceph-mon ceph-osd ceph-common")
            : (["swift-proxy-server", "swift-object-server", "swift-container-server", "swift-account-server"],
                "swift-proxy swift-account swift-container swift-object");
        if (!programs.All(Command.IsThere))
        {
            Skip = $"No {programs[0]} on the PATH. On Debian: apt-get install --no-install-recommends {packages}, and stop what it starts.";
        }
    }
}
