namespace RaftKv.Hosting;

/// <summary>
/// Time-outs that go together, by name. What is set one by one wins. All nodes of a cluster should have the same; while they
/// are being changed, one node after the other, no leader leases are held.
/// </summary>
internal static class TimingProfile
{
    /// <summary>100 ms between heartbeats, 1000 ms to an election: for any network, and machines that share their cores.</summary>
    public const string Standard = "standard";

    /// <summary>
    /// 20 ms and 200 ms, for nodes of one data centre with cores of their own: a killed leader is replaced within about
    /// 300 ms. The simulator runs a third of its seeds with this election timeout.
    /// </summary>
    public const string Fast = "fast";

    private const int FastHeartbeatMs = 20;
    private const int FastElectionTimeoutMs = 200;

    /// <summary>The options with the profile's time-outs; an unknown name changes nothing else.</summary>
    public static NodeOptions Apply(NodeOptions options, string profile) => profile == Fast
        ? options with { Profile = profile, HeartbeatMs = FastHeartbeatMs, ElectionTimeoutMs = FastElectionTimeoutMs }
        : options with { Profile = profile };
}
