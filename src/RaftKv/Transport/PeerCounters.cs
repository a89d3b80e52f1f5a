using RaftKv.Core;
using RaftKv.Diagnostics.Metrics;

namespace RaftKv.Transport;

/// <summary>The traffic between the nodes, under etcd's names and with its labels.</summary>
internal static class PeerCounters
{
    /// <summary>Registers all for a node; alone in its cluster, it has no series.</summary>
    public static void Register(MetricRegistry registry, PeerTransport transport, NodeId self)
    {
        string own = IdOf(self);
        registry.AskedCounter(
            "etcd_network_peer_sent_bytes_total",
            "Bytes sent to a peer.",
            sink => Each(transport, link => sink.Set(link.SentBytes, ("To", IdOf(link)))));
        registry.AskedCounter(
            "etcd_network_peer_received_bytes_total",
            "Bytes received from a peer.",
            sink => Each(transport, link => sink.Set(link.ReceivedBytes, ("From", IdOf(link)))));
        registry.AskedCounter(
            "etcd_network_peer_sent_failures_total",
            "Messages to a peer that were dropped, because it was away or too slow.",
            sink => Each(transport, link => sink.Set(link.DroppedCount, ("To", IdOf(link)))));
        registry.AskedHistograms(
            "etcd_network_peer_round_trip_time_seconds",
            "From a leader's heartbeat to the peer's answer; on the leader only.",
            () => transport.Links.Select(static link => (SeriesLabels.Of(("To", IdOf(link))), link.RoundTrips)));
        registry.Gauge(
            "etcd_network_known_peers",
            "1 for each peer that the membership names.",
            sink => Each(transport, link => sink.Set(1, ("Local", own), ("Remote", IdOf(link)))));
    }

    private static void Each(PeerTransport transport, Action<PeerLink> show)
    {
        foreach (PeerLink link in transport.Links)
        {
            show(link);
        }
    }

    private static string IdOf(PeerLink link) => IdOf(link.Peer.Id);

    private static string IdOf(NodeId id) => $"{id.Value:x}";
}
