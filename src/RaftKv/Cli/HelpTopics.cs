namespace RaftKv.Cli;

/// <summary>What <c>raftkv COMMAND --help</c> prints: that command's own text, with examples.</summary>
internal static class HelpTopics
{
    private static readonly SortedDictionary<string, string> _topics = new(StringComparer.Ordinal)
    {
        ["serve"] = """
            raftkv serve [options]: runs one node until it is told to stop (SIGTERM, Ctrl+C).

            Without --cluster it is a cluster of one. The same --cluster list goes to every node of a new cluster; once it is
            founded, the list is ignored. In place of a list, --bootstrap-expect 3 --seeds HOST:PORT,... (or dns:NAME) founds a
            cluster by as many nodes as find each other. Flags win over RAFTKV_* variables, those over RaftKv:* in appsettings.json.

            Options

            """,
        ["dev"] = """
            raftkv dev [options]: runs a cluster on this machine, one process a node, until Ctrl+C.

            Its data is kept between runs. Each node's own line is printed, so that one can be killed and started again by hand.

            Options
              --nodes N           how many, 1 to 9 (default 3)
              --base-port PORT    client port of n1; the next node's is 10 above, a peer port is one above the client port (default 2379)
              --data-dir DIR      where the data goes (default ./data/dev)
              --lab               links between the nodes that raftkv lab holds, delays and cuts (at most 7 nodes)

            Examples
              raftkv dev
              raftkv dev --lab
              raftkv dev --nodes 5 --base-port 4000 --data-dir /tmp/five

            """,
        ["health"] = """
            raftkv health [options]: asks a node whether it serves; exit code 0 when it does, else 1. For health checks without curl.

            Options
              --endpoint URL      the node (default http://127.0.0.1:2379)

            Examples
              raftkv health --endpoint http://127.0.0.1:2389

            """,
        ["member"] = """
            raftkv member list|add|remove|promote|demote|replace|update [NAME] [options]: changes the members of a running cluster,
            and follows the change to its end. raftkvctl member does the same, in every format.

            Options
              --endpoint URL      any node (default http://127.0.0.1:2379)
              --peer URL          where the peers of a new or moved member reach it
              --with NAME         replace: who takes the place
              --name NAME         update: the new name
              --zone ZONE         update: where it stands, for clients that read nearby
              --priority N        update: 0 to 100; the voter of the highest priority leads, if it is well
              --learner           add: it stays without a vote
              --no-wait           don't follow it
              --timeout TIME      how long to follow it

            Examples
              raftkv member add n4 --peer http://10.0.0.4:2380
              raftkv member replace n2 --with n2b --peer http://10.0.0.5:2380

            """,
        ["backup"] = """
            raftkv backup save --to FILE|s3://… [options]: a backup of a running cluster, whole under its name or not there.
            raftkv backup verify FILE|DIR|s3://…|URL [options]: reads a backup to its last byte, and says what is in it.
            raftkv backup list DIR|s3://…: what a place holds, without a node: backups, and the log behind them.

            Options
              --to FILE|s3://…    save: the file, or a place in an object store, with a name ending in .snap or without one
              --endpoints URL,... save: nodes, the first that can is asked (default http://127.0.0.1:2379)

            """ + CallerFlags.Help + """
            Examples
              raftkv backup save --to /var/backups/raftkv.snap --endpoints https://n1:2379,https://n2:2379 --cacert ca.crt
              RAFTKV_PASSWORD=… raftkv backup save --to raftkv.snap --user operator
              raftkv backup verify /var/backups/raftkv.snap
              AWS_PROFILE=backups raftkv backup list "s3://bucket/raftkv?region=eu-central-1"

            """,
        ["restore"] = """
            raftkv restore --from FILE|DIR|s3://…|URL --data-dir DIR [options]: a new data directory from a backup, or from a place with
            backups and the log behind. Its node founds a new cluster. A node's address takes its state of now; credentials of these
            options go to nodes only, those of an object store come from the environment (AWS_PROFILE, AWS_ACCESS_KEY_ID, …).

            Options
              --to-revision N     how far to go along the archived log
              --to-time TIME      the same by a leader's clock, such as 2026-11-29T21:40:00Z
              --begin-revision N  the first revision of the new cluster; the same on every node that is restored
              --keep-leases       leases and locks live on

            """ + CallerFlags.Help + """
            Examples
              raftkv restore --from /var/backups/raftkv.snap --data-dir ./data/n1
              raftkv restore --from /var/backups/raftkv --to-time 2026-11-29T21:40:00Z --data-dir ./data/n1

            """,
        ["recover"] = """
            raftkv recover --force-new-cluster --data-dir DIR [--keep-leases] [--yes]: when a majority of the directories is gone for good,
            the directory of a survivor becomes that of a new cluster with one member. Says first what may be lost; does it with --yes.

            Examples
              raftkv recover --force-new-cluster --data-dir ./data/n1
              raftkv recover --force-new-cluster --data-dir ./data/n1 --yes

            """,
        ["wal"] = """
            raftkv wal dump DIR: prints the log of a stopped node, a record a line. Reads only.

            Examples
              raftkv wal dump ./data/n1

            """,
        ["snapshot"] = """
            raftkv snapshot inspect FILE: prints a snapshot file's head and verifies all of it. Reads only.

            Examples
              raftkv snapshot inspect ./data/n1/snapshots/*

            """,
        ["check"] = """
            raftkv check DIR: verifies the data of a stopped node: log, snapshots, identity. Reads only; exit code 4 when something is
            damaged, with file and offset.

            Examples
              raftkv check ./data/n1

            """,
        ["cert"] = """
            raftkv cert ca|node NAME|user NAME|revoke NAME [options]: makes an authority, and certificates by it, for a first cluster.

            Options
              --dir DIR           where the files go (default ./certs)
              --host HOST,…       node: names and addresses by which it is called
              --days N            how long the certificate lasts

            Examples
              raftkv cert ca
              raftkv cert node n1 --host n1.example,10.0.0.1
              raftkv cert user ann

            """,
        ["import"] = """
            raftkv import etcd --from FILE --data-dir DIR [options]: a new data directory from a snapshot that etcdctl saved.
            It keeps revisions.
            raftkv import etcd --from URL,... --to URL,... [options]: from an etcd that lives into a RaftKv that runs, with new revisions.
            The second notes in the RaftKv how far it is: after any break the same command goes on.

            Options of the first
              --begin-revision N  where the new cluster's revisions begin
              --keep-leases       leases live on, with their keys

            Options of the second

            """ + EtcdImportCommand.Help + CallerFlags.Help + """
            Examples
              raftkv import etcd --from etcd.snap --data-dir ./data/new
              raftkv import etcd --from http://etcd1:2379,http://etcd2:2379 --to http://n1:2379 --follow
              raftkv import etcd --from http://etcd1:2379 --to http://n1:2379 --prefix app/ --cut-over

            """,
        ["export"] = """
            raftkv export etcd --from FILE|DIR|s3://…|URL --to FILE: a backup as a snapshot for etcdctl snapshot restore.

            Examples
              raftkv export etcd --from today.snap --to etcd.snap

            """,
        ["upgrade"] = """
            raftkv upgrade check [options]: asks every member what it runs and how it is, and says what a rolling upgrade to this
            program would bring, and what is in its way. Changes nothing. Exit code 0 when nothing is, else 1.

            Options
              --endpoint URL      any node (default http://127.0.0.1:2379)

            """ + CallerFlags.Help + """
            Examples
              raftkv upgrade check --endpoint http://10.0.0.1:2379

            """,
        ["version"] = """
            raftkv version: prints the version.

            """,
    };

    /// <summary>The text of the command that the words name; null when they name none.</summary>
    public static string? Find(string[] words)
    {
        string? command = Array.Find(words, static word => word is not ("help" or "--help" or "-h"));
        return command is null || !_topics.TryGetValue(command, out string? text) ? null
            : command == "serve" ? text + HelpText.Settings() + HelpText.ServeFooter : text;
    }

    /// <summary>The command that somebody may have meant; null when none is near.</summary>
    public static string? Similar(string word)
    {
        IEnumerable<string> known = _topics.Keys.Concat(["ctl", "demo", "lab", "simulate"]);
        return known.Select(name => (name, distance: Distance(word, name))).Where(static pair => pair.distance <= 2)
            .OrderBy(static pair => pair.distance).Select(static pair => pair.name).FirstOrDefault();
    }

    // Levenshtein's, a row at a time.
    private static int Distance(string one, string other)
    {
        int[] row = [.. Enumerable.Range(0, other.Length + 1)];
        for (int i = 1; i <= one.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= other.Length; j++)
            {
                int above = row[j];
                row[j] = Math.Min(Math.Min(above, row[j - 1]) + 1, diagonal + (one[i - 1] == other[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }

        return row[other.Length];
    }
}
