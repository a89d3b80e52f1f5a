using RaftKv.EtcdConformance.Clients;
using RaftKv.EtcdConformance.Servers;
using RaftKv.JepsenStyle.Cluster;

namespace RaftKv.EtcdConformance.Foreign;

/// <summary>
/// Clients that were written for etcd, in their own languages, unchanged: each runs a script of everyday use. The
/// scripts say what they check; patroni.sh and go/run.sh are run by hand.
/// </summary>
public sealed class ForeignClientTests
{
    private const string Python = Script.Python;

    private const string Node = "node -e \"require('etcd3')\"";
    private const string NodeHint = "npm ci in tests/RaftKv.EtcdConformance/Foreign/node, or NODE_PATH names a node_modules that has it.";

    // Three nodes ten apart, and the peers' ports one above each.
    private const int PortsOfAScript = 22;

    [ScriptFact("etcdctl version && curl --version", "On Debian: apt-get install etcd-client curl.")]
    public Task Etcdctl_goes_on_when_the_leader_is_killed() => RunAsync("./etcdctl.sh");

    [ScriptFact("etcdctl version && curl --version", "On Debian: apt-get install etcd-client curl.")]
    public Task Etcdctl_works_over_tls_with_certificates() => RunAsync("./etcdctl_tls.sh");

    [ScriptFact(Python + " -c 'import etcd3'", "On Debian: apt-get install python3-etcd3.")]
    public Task Python_etcd3_finds_what_it_finds_in_etcd() => RunOnOneAsync(server =>
        $"{Python} python_etcd3.py {server.Client.Host} {server.Client.Port} \"$(mktemp)\"");

    [ScriptFact(Python + " -c 'import etcd3gw'", "On Debian: apt-get install python3-etcd3gw.")]
    public Task Python_etcd3gw_finds_what_it_finds_in_etcd() => RunOnOneAsync(server =>
        $"{Python} python_etcd3gw.py {server.Client.Host} {server.Client.Port}");

    [ScriptFact(Node, NodeHint)]
    public Task Node_etcd3_finds_what_it_finds_in_etcd() => RunOnOneAsync(server => $"node node_etcd3.js {server.Client.Authority}");

    [ScriptFact(Node + " && curl --version", NodeHint, isLong: true)]
    public Task Node_etcd3_goes_on_when_nodes_are_killed() => RunAsync("./node_etcd3.sh");

    [ScriptFact("etcdctl version", "On Debian: apt-get install etcd-client.")]
    public Task Etcdctl_works_where_a_proxy_has_ended_tls() => RunBehindTlsAsync(proxy =>
        $"./etcdctl_behind_tls.sh {proxy.Address.OriginalString} {proxy.CaFile}");

    [ScriptFact(Python + " -c 'import etcd3'", "On Debian: apt-get install python3-etcd3.", isLong: true)]
    public Task Python_etcd3_works_where_a_proxy_has_ended_tls() => RunBehindTlsAsync(proxy =>
        $"{Python} python_etcd3.py {proxy.Address.Host} {proxy.Address.Port} \"$(mktemp)\" {proxy.CaFile}");

    [ScriptFact(Node, NodeHint, isLong: true)]
    public Task Node_etcd3_works_where_a_proxy_has_ended_tls() => RunBehindTlsAsync(proxy =>
        $"CA_FILE={proxy.CaFile} node node_etcd3.js {proxy.Address.Authority}");

    private static async Task RunOnOneAsync(Func<ServerUnderTest, string> command)
    {
        await using ServerUnderTest server = await ServerUnderTest.StartRaftKvAsync();
        await RunAsync(command(server));
    }

    private static async Task RunBehindTlsAsync(Func<TlsTerminator, string> command)
    {
        await using ServerUnderTest server = await ServerUnderTest.StartRaftKvAsync();
        await using var proxy = new TlsTerminator(server.Client);
        await RunAsync(command(proxy));
    }

    private static Task RunAsync(string command) => Script.RunAsync(command, PortPool.TakeRow(PortsOfAScript));
}
