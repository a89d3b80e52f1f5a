using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using RaftKv.Core.Messages;
using RaftKv.Core.Raft.Members;
using RaftKv.Core.Tests.Architecture;

namespace RaftKv.Core.Tests.Raft.Golden;

/// <summary>
/// What a cluster does under a script, in lines for people: each message as it is sent, and each node whose state
/// changed. It is held against a file of its own; <c>UPDATE_GOLDEN=1</c> writes the file anew, and the diff is reviewed.
/// </summary>
internal sealed class Transcript(RaftTestCluster cluster)
{
    private const string Folder = "tests/RaftKv.Core.Tests/Raft/Golden";

    private readonly StringBuilder _text = new();
    private readonly Dictionary<NodeId, string> _known = [];
    private int _told;

    /// <summary>Does one step of the script and tells what came of it.</summary>
    public Transcript Step(string title, Action<RaftTestCluster> step)
    {
        Line($"> {title}");
        step(cluster);
        for (; _told < cluster.Network.Sent.Count; _told++)
        {
            Message message = cluster.Network.Sent[_told];
            Line($"  n{message.From.Value} → n{message.To.Value}  {MessageWords.Of(message)}");
        }

        foreach (RaftTestNode node in cluster.Nodes)
        {
            string state = StateOf(node);
            if (_known.GetValueOrDefault(node.Id) != state)
            {
                Line($"  n{node.Id.Value} is {state}");
                _known[node.Id] = state;
            }
        }

        return this;
    }

    /// <summary>Fails unless the file of the calling test says the same.</summary>
    public void IsGolden([CallerMemberName] string test = "")
    {
        string path = Path.Combine(SourceTree.Root, Folder, test + ".txt");
        string actual = _text.ToString();
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            File.WriteAllText(path, actual);
        }

        Assert.Equal(File.Exists(path) ? File.ReadAllText(path) : "", actual);
    }

    private static string StateOf(RaftTestNode node) => string.Create(
        CultureInfo.InvariantCulture,
        $"{node.Raft.Role.ToString().ToLowerInvariant()} of term {node.Raft.CurrentTerm}, log [{Words.Terms(node.Raft.Log)}], " +
        $"commit {node.Raft.Log.CommitIndex}, leader {LeaderOf(node)}");

    private static string LeaderOf(RaftTestNode node) =>
        node.Raft.Leader == default ? "unknown" : string.Create(CultureInfo.InvariantCulture, $"n{node.Raft.Leader.Value}");

    private void Line(FormattableString line) => _text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
