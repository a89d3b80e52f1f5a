using RaftKv.Core.Messages;
using RaftKv.Core.Raft.Messages;
using RaftKv.Core.Replica.Messages;
using RaftKv.Simulation.Engine;

namespace RaftKv.Simulation.Cluster;

/// <summary>
/// Directed links between nodes. A message may be lost, doubled, late or overtaken; in FIFO mode a link behaves like a
/// connection:
/// order is kept, and a loss takes everything that is under way with it (a reset).
/// </summary>
internal sealed class SimulatedNetwork(SimulatedCluster cluster, DeterministicRandom random, int nodeCount)
{
    private readonly bool[] _cut = new bool[nodeCount * nodeCount];
    private readonly long[] _clogUntilUs = new long[nodeCount * nodeCount];
    private readonly long[] _lastArrivalUs = new long[nodeCount * nodeCount];
    private readonly int[] _resets = new int[nodeCount * nodeCount];

    public long SentCount { get; private set; }

    public bool IsCut(int from, int to) => _cut[(from * nodeCount) + to];

    public void Cut(int from, int to) => _cut[(from * nodeCount) + to] = true;

    public void CutBoth(int a, int b)
    {
        Cut(a, b);
        Cut(b, a);
    }

    public void Mend(int from, int to) => _cut[(from * nodeCount) + to] = false;

    public void MendAll() => Array.Clear(_cut);

    /// <summary>Holds messages of a link back until a time; then they arrive in a burst.</summary>
    public void Clog(int from, int to, long untilUs) => _clogUntilUs[(from * nodeCount) + to] = untilUs;

    /// <summary>
    /// No link is held back any more. In FIFO mode what still waits for its turn is lost, as with a connection that is made
    /// anew: else it would hold up all that is sent after it for as long as the clog was to last.
    /// </summary>
    public void UnclogAll()
    {
        Array.Clear(_clogUntilUs);
        for (int link = 0; link < _resets.Length; link++)
        {
            if (cluster.Profile.IsFifo && _lastArrivalUs[link] > cluster.NowUs)
            {
                _resets[link]++;
                _lastArrivalUs[link] = cluster.NowUs;
            }
        }
    }

    public void Send(int from, Message message)
    {
        SentCount++;
        int to = cluster.PositionOf(message.To);
        SwarmProfile profile = cluster.Profile;
        int link = (from * nodeCount) + to;
        if (_cut[link] || (profile.DropPerMille > 0 && random.Chance(profile.DropPerMille)))
        {
            _resets[link]++;
            cluster.Trace.Add(cluster.NowUs, from, TraceKind.Drop, to, 0, message);
            return;
        }

        message = MayBeDamaged(profile.HasMixedBuilds ? AsBytes(message) : message);
        Deliver(link, to, message, Latency());
        if (profile.DuplicatePerMille > 0 && random.Chance(profile.DuplicatePerMille))
        {
            Deliver(link, to, message, Latency());
        }

        if (profile.LateDuplicatePerMille > 0 && random.Chance(profile.LateDuplicatePerMille))
        {
            Deliver(link, to, message, 200_000 + random.Exponential(1_500_000));
        }
    }

    /// <summary>A connection of one question and one answer, outside of the links; how long both take together.</summary>
    public bool TryConnect(int from, int to, out long roundTripUs)
    {
        roundTripUs = Latency() + Latency();
        SwarmProfile profile = cluster.Profile;
        return !IsCut(from, to) && !IsCut(to, from) && (profile.DropPerMille == 0 || !random.Chance(profile.DropPerMille));
    }

    /// <summary>False when the connection that carried the message was reset on the way.</summary>
    public bool Arrives(int from, int to, long resets) =>
        !cluster.Profile.IsFifo || _resets[(from * nodeCount) + to] == resets;

    // Two builds share no objects: what one says is what the other reads from its bytes.
    private static Message AsBytes(Message message)
    {
        byte[] bytes = new byte[MessageCodec.EncodedSize(message)];
        MessageCodec.Encode(message, bytes);
        return MessageCodec.TryDecode(bytes, out Message? read) ? read! : throw new SimulationViolationException(
            "R16", $"a {message.GetType().Name} can't be read from its own bytes");
    }

    /// <summary>
    /// A chunk of a snapshot with a bit flipped. Chunks only: they are many bytes that nobody looks at until the file is
    /// whole, and what checks a file must find what TCP's sum let pass.
    /// </summary>
    private Message MayBeDamaged(Message message)
    {
        int chance = cluster.Profile.Machine.DamagedChunkPerMille;
        if (chance == 0 || message is not SnapshotChunk { Data.IsEmpty: false } chunk || !random.Chance(chance))
        {
            return message;
        }

        byte[] bytes = chunk.Data.ToArray();
        bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
        cluster.Counters.Faults.DamagedChunks++;
        return chunk with { Data = bytes };
    }

    private long Latency()
    {
        SwarmProfile profile = cluster.Profile;
        long latency = profile.LatencyMinUs + random.Exponential(profile.LatencyMeanUs);
        return profile.SlowMessagePerMille > 0 && random.Chance(profile.SlowMessagePerMille)
            ? latency + random.Exponential(profile.SlowMessageMeanUs)
            : latency;
    }

    private void Deliver(int link, int to, Message message, long latencyUs)
    {
        long at = Math.Max(cluster.NowUs + latencyUs, _clogUntilUs[link]);
        if (cluster.Profile.IsFifo)
        {
            at = Math.Max(at, _lastArrivalUs[link]);
            _lastArrivalUs[link] = at;
        }

        cluster.Queue.Schedule(at, new SimEvent
        {
            Kind = EventKind.Deliver,
            Node = to,
            Life = cluster.Nodes[link / nodeCount].Life,
            Value = _resets[link],
            Payload = message,
        });
    }
}
