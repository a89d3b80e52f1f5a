using System.Collections.Concurrent;
using RaftKv.Core;
using RaftKv.Core.Messages;
using RaftKv.Core.Replica.Messages;
using RaftKv.Node;
using RaftKv.Transport;

namespace RaftKv.Tests.Node;

/// <summary>A network of one process: every message crosses it as bytes, and a node can be cut off.</summary>
internal sealed class MemoryNetwork
{
    private readonly ConcurrentDictionary<NodeId, Action<IReadOnlyList<Message>, long>> _receivers = new();
    private readonly ConcurrentDictionary<NodeId, bool> _isCutOff = new();
    private volatile HashSet<NodeId> _apart = [];

    /// <summary>Who answers questions about members.</summary>
    public ConcurrentDictionary<NodeId, RaftNode> Nodes { get; } = new();

    /// <summary>Where the nodes serve their clients, as a real handshake would tell.</summary>
    public ConcurrentDictionary<NodeId, string> ClientUrls { get; } = new();

    public ITransport Join(NodeId node) => new Transport(this, node);

    /// <summary>Nothing goes to or from the node any more.</summary>
    public void CutOff(NodeId node) => _isCutOff[node] = true;

    public void Heal(NodeId node) => _isCutOff.TryRemove(node, out _);

    /// <summary>True while nothing goes between the two.</summary>
    public bool IsCut(NodeId a, NodeId b) =>
        _isCutOff.ContainsKey(a) || _isCutOff.ContainsKey(b) || _apart.Contains(a) != _apart.Contains(b);

    /// <summary>These talk among themselves only, and the others too.</summary>
    public void Split(params NodeId[] nodes) => _apart = [.. nodes];

    /// <summary>All talk to all again.</summary>
    public void Reunite() => _apart = [];

    private void Send(Message message)
    {
        if (IsCut(message.From, message.To) || !_receivers.TryGetValue(message.To, out var receive))
        {
            return;
        }

        byte[] bytes = new byte[MessageCodec.EncodedSize(message)];
        MessageCodec.Encode(message, bytes);
        Assert.True(MessageCodec.TryDecode(bytes, out Message? copy), message.ToString());
        receive([copy!], bytes.Length);
    }

    private sealed class Transport(MemoryNetwork network, NodeId node) : ITransport
    {
        public void Start(Action<IReadOnlyList<Message>, long> receive) => network._receivers[node] = receive;

        public void Send(List<Message> messages) => messages.ForEach(network.Send);

        public string? ClientUrlOf(NodeId peer) => network.ClientUrls.GetValueOrDefault(peer);

        public async Task<MemberAnswer?> AskAsync(
            NodeId peer, MemberQuestion question, TimeSpan patience, CancellationToken cancellationToken)
        {
            if (network.IsCut(node, peer) || !network.Nodes.TryGetValue(peer, out RaftNode? asked))
            {
                return null;
            }

            MemberQuestion heard = MemberWire.Read(MemberWire.ToWire(question, patience))!;
            return MemberWire.Read(MemberWire.ToWire(await asked.AnswerAsync(heard, patience)));
        }

        public ValueTask DisposeAsync()
        {
            network._receivers.TryRemove(node, out _);
            return ValueTask.CompletedTask;
        }
    }
}
