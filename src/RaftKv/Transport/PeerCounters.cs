using RaftKv.Diagnostics.Metrics;

namespace RaftKv.Transport;

/// <summary>The traffic between the nodes, under etcd's names and with its labels.</summary>
internal static class PeerCounters
{
    /// <summary>Registers all for a node; alone in its cluster, it has no series.</summary>
    public static void Register(MetricRegistry registry, PeerTransport transport)
    {
        registry.AskedCounter(
            "etcd_network_peer_sent_bytes_total",
            "Bytes sent to a peer.",
            sink => Each(transport, link => sink.Set(link.SentBytes, ("To", IdOf(link)))));
        registry.AskedCounter(
            "etcd_network_peer_received_bytes_total",
            "Bytes received from a peer.",
            sink => Each(transport, link => sink.Set(link.ReceivedBytes, ("From", IdOf(link)))));
    }

    private static void Each(PeerTransport transport, Action<PeerLink> show)
    {
        foreach (PeerLink link in transport.Links)
        {
            show(link);
        }
    }

    private static string IdOf(PeerLink link) => $"{link.Peer.Id.Value:x}";
}
