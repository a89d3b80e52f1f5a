using System.Text;
using RaftKv.Hosting;

namespace RaftKv.Cli;

/// <summary>What <c>--help</c> prints.</summary>
internal static class HelpText
{
    /// <summary>The whole help.</summary>
    public static string Compose()
    {
        var text = new StringBuilder(Commands);
        foreach (NodeSetting setting in NodeSetting.All)
        {
            text.Append("  ").Append($"--{setting.Flag} {setting.Shape}".PadRight(27)).Append(' ').AppendLine(setting.Help);
        }

        return text.Append(Footer).ToString();
    }

    private const string Commands = """
        RaftKv: a linearizable key-value store on Raft.

        Usage
          raftkv serve [options]                 run one node
          raftkv dev [--nodes 3] [--base-port 2379] [--data-dir ./data/dev]
                                                 run a local cluster, one process a node; data is kept between runs
          raftkv health [--endpoint http://127.0.0.1:2379]
                                                 exit 0 when that node serves, else 1
          raftkv wal dump DIR                    print the log of a stopped node
          raftkv snapshot inspect FILE           print and verify a snapshot file
          raftkv check DIR                       verify a stopped node's data, read only
          raftkv version | --help

        Options of serve (flags win over RAFTKV_* variables, those over RaftKv:* in appsettings.json)

        """;

    private const string Footer = """
          --config FILE               settings file (default ./appsettings.json, else the one next to the program)
          --print-config              print the resulting settings and where each came from, and end

        Examples
          raftkv serve
          raftkv serve --name n1 --client http://127.0.0.1:2379 \
            --cluster n1=http://127.0.0.1:2380,n2=http://127.0.0.1:2390,n3=http://127.0.0.1:2400

        Exit codes: 0 as asked, 1 failed (health, check), 2 settings, ports or data directory, 3 disk failure,
        4 corrupt data, 5 broken invariant.

        """;
}
