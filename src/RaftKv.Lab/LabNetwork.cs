using System.Globalization;

namespace RaftKv.Lab;

/// <summary>All links between the nodes of a cluster on this machine. Safe from any thread.</summary>
public sealed class LabNetwork : IDisposable
{
    private readonly List<Link> _links = [];

    /// <summary>A link for each node to each other one, all open.</summary>
    /// <param name="nodes">Names, and where each listens for its peers.</param>
    /// <param name="portOf">Where a link listens, by the places of the two nodes; null takes free ports.</param>
    /// <exception cref="System.Net.Sockets.SocketException">A port is in use.</exception>
    public LabNetwork(IReadOnlyList<(string Name, int PeerPort)> nodes, Func<int, int, int>? portOf = null)
    {
        Nodes = [.. nodes.Select(static node => node.Name)];
        try
        {
            for (int from = 0; from < nodes.Count; from++)
            {
                for (int to = 0; to < nodes.Count; to++)
                {
                    if (from != to)
                    {
                        _links.Add(new Link(nodes[from].Name, nodes[to].Name, portOf?.Invoke(from, to) ?? 0, nodes[to].PeerPort));
                    }
                }
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Names of the nodes.</summary>
    public IReadOnlyList<string> Nodes { get; }

    /// <summary>Every link.</summary>
    public IReadOnlyList<Link> Links => _links;

    /// <summary>How a node reaches its peers: values of <c>--peer-route</c>.</summary>
    public IEnumerable<string> RoutesOf(string node) => _links.Where(link => link.From == node)
        .Select(static link => string.Create(CultureInfo.InvariantCulture, $"{link.To}=http://127.0.0.1:{link.Port}"));

    /// <summary>Keeps all that a node sends and is sent.</summary>
    /// <exception cref="ArgumentException">There is no such node.</exception>
    public void Hold(string node) => Of(node).ForEach(static link => link.Hold());

    /// <summary>Keeps what one node sends to another; what that one sends still comes.</summary>
    /// <exception cref="ArgumentException">There is no such way.</exception>
    public void Hold(string from, string to) => Between(from, to).Hold();

    /// <summary>Closes all connections of a node, and new ones.</summary>
    /// <exception cref="ArgumentException">There is no such node.</exception>
    public void Cut(string node) => Of(node).ForEach(static link => link.Cut());

    /// <summary>Closes the connections from one node to another, and new ones.</summary>
    /// <exception cref="ArgumentException">There is no such way.</exception>
    public void Cut(string from, string to) => Between(from, to).Cut();

    /// <summary>Makes all ways to and from a node longer.</summary>
    /// <exception cref="ArgumentException">There is no such node.</exception>
    public void Delay(string node, TimeSpan delay) => Of(node).ForEach(link => link.Delay = delay);

    /// <summary>Holds every link between nodes of different groups; who is in no group is alone.</summary>
    /// <exception cref="ArgumentException">A name is no node's.</exception>
    public void Partition(params IReadOnlyList<IReadOnlyList<string>> groups)
    {
        foreach (string name in groups.SelectMany(static group => group))
        {
            Of(name);
        }

        foreach (Link link in _links.Where(link => !groups.Any(group => group.Contains(link.From) && group.Contains(link.To))))
        {
            link.Hold();
        }
    }

    /// <summary>Opens every link, without delays.</summary>
    public void Heal() => _links.ForEach(static link => link.Heal());

    /// <inheritdoc/>
    public void Dispose() => _links.ForEach(static link => link.Dispose());

    private List<Link> Of(string node) => Nodes.Contains(node)
        ? _links.FindAll(link => link.From == node || link.To == node)
        : throw new ArgumentException($"There is no node {node}; there are {string.Join(", ", Nodes)}.", nameof(node));

    private Link Between(string from, string to) => _links.Find(link => link.From == from && link.To == to)
        ?? throw new ArgumentException($"There is no way from {from} to {to}.", nameof(from));
}
