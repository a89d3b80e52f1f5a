using System.Text;
using RaftKv.Hosting;

namespace RaftKv.Cli;

/// <summary>What <c>--help</c> prints.</summary>
internal static class HelpText
{
    /// <summary>The whole help.</summary>
    public static string Compose() =>
        new StringBuilder(Commands).Append(Settings()).Append(ServeFooter).ToString();

    /// <summary>A line for each setting of <c>serve</c>.</summary>
    public static string Settings()
    {
        var text = new StringBuilder();
        foreach (NodeSetting setting in NodeSettings.All)
        {
            text.Append("  ").Append($"--{setting.Flag} {setting.Shape}".PadRight(27)).Append(' ').AppendLine(setting.Help);
        }

        return text.ToString();
    }

    private const string Commands = """
        RaftKv: a linearizable key-value store on Raft.

        Usage
          raftkv serve [options]                 run one node
          raftkv dev [--nodes 3] [--base-port 2379] [--data-dir ./data/dev] [--tls]
                                                 run a local cluster, one process a node; data is kept between runs
          raftkv health [--endpoint http://127.0.0.1:2379]
                                                 exit 0 when that node serves, else 1
                                                 (--cacert FILE, --cert FILE, --key FILE for https)
          raftkv member list|add|remove|promote|demote|replace|update [NAME] [--endpoint URL]
                                                 change the members of a running cluster, and follow it to its end
          raftkv cert ca|node NAME|user NAME|revoke NAME [--dir ./certs] [--host HOST,...] [--days N]
                                                 make an authority, and certificates by it, for a first cluster
          raftkv wal dump DIR                    print the log of a stopped node
          raftkv snapshot inspect FILE           print and verify a snapshot file
          raftkv check DIR                       verify a stopped node's data, read only
          raftkv ctl COMMAND …                   keys, watches, locks and the cluster from the command line; the same as raftkvctl
          raftkv demo NAME | all | list          see a read level, an anomaly or a pattern on three nodes, wrong and right
          raftkv lab COMMAND …                   hold, delay and cut the links of a cluster that dev --lab runs
          raftkv simulate quorum …               what stores without a leader would do
          raftkv backup verify FILE|DIR|s3://…|URL
                                                 verify a backup to its last byte, and say what is in it
          raftkv backup list DIR|s3://…          backups in a place, and the log behind them, without a node
          raftkv backup save --to FILE|s3://… [--endpoints http://127.0.0.1:2379,…]
                                                 a backup of a running cluster, whole under its name or not there
          raftkv restore --from FILE|DIR|s3://…|URL --data-dir DIR [--to-revision N | --to-time T] [--begin-revision N] [--keep-leases]
                                                 a new data directory from a backup, or from a place with them and the log behind;
                                                 a node's address takes its state of now
          raftkv import etcd --from FILE --data-dir DIR [--begin-revision N] [--keep-leases]
                                                 the same from a snapshot that etcdctl saved
          raftkv import etcd --from URL,… --to URL,… [--prefix P …] [--follow] [--cut-over | --until-revision N]
                                                 from an etcd that lives into a RaftKv that runs; goes on where it was after any break
          raftkv export etcd --from FILE|DIR|s3://…|URL --to FILE
                                                 a backup as a snapshot for etcdctl snapshot restore
          raftkv recover --force-new-cluster --data-dir DIR [--keep-leases] [--yes]
                                                 a survivor goes on alone when a majority is lost; says first what may be lost
          raftkv upgrade check [--endpoint URL]  what a rolling upgrade to this program would bring, and what is in its way
          raftkv version | --help
          raftkv COMMAND --help                  more of one command

        Options of serve (flags win over RAFTKV_* variables, those over RaftKv:* in appsettings.json)

        """;

    /// <summary>The last two options of <c>serve</c>, examples and exit codes.</summary>
    public const string ServeFooter = """
          --config FILE               settings file (default ./appsettings.json, else the one next to the program)
          --print-config              print the resulting settings and where each came from, and end

        Examples
          raftkv serve
          raftkv serve --name n1 --client http://127.0.0.1:2379 \
            --cluster n1=http://127.0.0.1:2380,n2=http://127.0.0.1:2390,n3=http://127.0.0.1:2400

        Exit codes: 0 as asked, 1 failed (health, check), 2 settings, ports or data directory, 3 disk failure,
        4 damaged data, 5 broken invariant, 6 data of a newer version, 7 a lost or copied data directory,
        8 removed from the cluster.

        """;
}
