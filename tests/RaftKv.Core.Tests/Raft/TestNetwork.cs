using RaftKv.Core.Messages;

namespace RaftKv.Core.Tests.Raft;

/// <summary>
/// Messages between the nodes of a test: one queue in sending order, links that can be cut one way, and two predicates
/// with which a script loses messages or keeps them back until it lets them go.
/// </summary>
internal sealed class TestNetwork
{
    private readonly Queue<Message> _underWay = new();
    private readonly HashSet<(NodeId From, NodeId To)> _cut = [];

    /// <summary>Every message that was ever sent, also the lost ones.</summary>
    public List<Message> Sent { get; } = [];

    /// <summary>Messages that are kept back, in sending order.</summary>
    public List<Message> Held { get; } = [];

    /// <summary>Messages that are lost.</summary>
    public Func<Message, bool> Drops { get; set; } = static _ => false;

    /// <summary>Messages that are kept back.</summary>
    public Func<Message, bool> Holds { get; set; } = static _ => false;

    /// <summary>What becomes of a message on its way.</summary>
    public Func<Message, Message> Changes { get; set; } = static message => message;

    public void CutOneWay(int from, int to) => _cut.Add((Words.N(from), Words.N(to)));

    public void Cut(int a, int b)
    {
        CutOneWay(a, b);
        CutOneWay(b, a);
    }

    public void Heal() => _cut.Clear();

    public void Send(Message message)
    {
        message = Changes(message);
        Sent.Add(message);
        if (_cut.Contains((message.From, message.To)) || Drops(message))
        {
            return;
        }

        if (Holds(message))
        {
            Held.Add(message);
            return;
        }

        _underWay.Enqueue(message);
    }

    /// <summary>Lets everything go that was kept back; the predicate is cleared.</summary>
    public void Release()
    {
        Holds = static _ => false;
        foreach (Message message in Held)
        {
            _underWay.Enqueue(message);
        }

        Held.Clear();
    }

    /// <summary>The next message to deliver; a link that was cut meanwhile loses it.</summary>
    public Message? Next()
    {
        while (_underWay.TryDequeue(out Message? message))
        {
            if (!_cut.Contains((message.From, message.To)))
            {
                return message;
            }
        }

        return null;
    }
}
