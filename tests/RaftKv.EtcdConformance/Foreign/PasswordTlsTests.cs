using RaftKv.EtcdConformance.Servers;

namespace RaftKv.EtcdConformance.Foreign;

/// <summary>
/// Clients that were written for etcd, with a user's name and password over TLS: what the user may do works, what he may not
/// is denied in etcd's words, and a wrong password is told so.
/// </summary>
[Collection(SecuredServerCollection.Name)]
public sealed class PasswordTlsTests(SecuredServer server)
{
    private string Shown => $"{server.RootFile} {SecuredServer.User} {SecuredServer.Password}";

    [ScriptFact(Script.Python + " -c 'import etcd3'", "On Debian: apt-get install python3-etcd3.")]
    public Task Python_etcd3_logs_in_over_tls() => Script.RunAsync($"{Script.Python} python_etcd3_tls.py localhost {server.Port} {Shown}");

    [ScriptFact("node -e \"require('etcd3')\"", "npm install etcd3, and NODE_PATH names its node_modules.")]
    public Task Node_etcd3_logs_in_over_tls() => Script.RunAsync($"node node_etcd3_tls.js localhost:{server.Port} {Shown}");
}
