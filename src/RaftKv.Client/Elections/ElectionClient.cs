using System.Runtime.CompilerServices;
using System.Text;
using RaftKv.Client.Calls;
using RaftKv.Client.Http;
using RaftKv.Client.Locks;
using RaftKv.Client.Watch;
using RaftKv.Contract.Bodies;

namespace RaftKv.Client;

/// <summary>Elections: one leader at a time, whom others can observe. Get it from <see cref="RaftKvClient.Elections"/>.</summary>
/// <remarks>
/// <see cref="LeaderBackgroundService"/> runs a worker under an election, which is what most programs need.
/// <code>
/// await using Leadership leader = await client.Elections.CampaignAsync("billing", "http://10.0.0.7", TimeSpan.FromSeconds(10), ct);
/// await RunAsync(leader.LostToken);
/// </code>
/// </remarks>
public sealed class ElectionClient
{
    private const string KeyRoot = "_raftkv/elections/";
    private readonly CallCore _core;
    private readonly LeaseClient _leases;

    internal ElectionClient(CallCore core, LeaseClient leases)
    {
        _core = core;
        _leases = leases;
    }

    /// <summary>Waits until elected.</summary>
    /// <param name="name">1 to 1,024 bytes.</param>
    /// <param name="value">What observers see of the leader: an address, for instance.</param>
    /// <param name="ttl">How long the leadership outlives a leader that died.</param>
    /// <param name="cancellationToken">Ends the candidacy.</param>
    /// <exception cref="RaftKvException">No node could answer, or the request is refused; we don't lead.</exception>
    public async Task<Leadership> CampaignAsync(string name, string value, TimeSpan ttl, CancellationToken cancellationToken = default)
    {
        Acquisition got = await Request(name, value).AcquireAsync(_core, _leases, ttl, wait: null, cancellationToken).ConfigureAwait(false);
        return new Leadership(_core, name, got.OrThrow());
    }

    /// <summary>Leads if nobody else does now; null when somebody does.</summary>
    /// <exception cref="RaftKvException">No node could answer, or the request is refused; we don't lead.</exception>
    public async Task<Leadership?> TryCampaignAsync(string name, string value, TimeSpan ttl, CancellationToken cancellationToken = default)
    {
        Acquisition got = await Request(name, value)
            .AcquireAsync(_core, _leases, ttl, TimeSpan.Zero, cancellationToken).ConfigureAwait(false);
        return got.Keeper is null ? null : new Leadership(_core, name, got);
    }

    /// <summary>The leader and how many stand for election.</summary>
    /// <exception cref="RaftKvException">No node could answer.</exception>
    public async Task<ElectionState> GetAsync(string name, ReadOptions? options = null, CancellationToken cancellationToken = default)
    {
        RequestSpec spec = RequestSpecs.Read(AcquireRequest.Target(AcquireRequest.Elections, name), options, _core.Options.Consistency);
        Answer answer = await _core.SendAsync(spec, cancellationToken).ConfigureAwait(false);
        ElectionAnswer wire = WireMapping.Parse(answer, AnswerJson.Default.ElectionAnswer, RequestKind.Read);
        ElectedLeader? leader = wire.Leader is null
            ? null
            : new ElectedLeader(wire.Leader.Token, WireMapping.Decode(wire.Leader.Value, wire.Leader.Encoding, answer), wire.Leader.Revision);
        return new ElectionState(name, leader, wire.CandidateCount, answer.Metadata);
    }

    /// <summary>
    /// The leader at present and each one after it, and null whenever nobody leads. Resumed by itself; every leadership
    /// once and in order, unless a disconnection outlasts a compaction.
    /// </summary>
    /// <exception cref="RaftKvException">The request is refused.</exception>
    public async IAsyncEnumerable<ElectedLeader?> ObserveAsync(
        string name, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);

        // The candidates are keys in the order of their creation; watching them misses no leadership between two looks.
        RaftKvRange candidates = RaftKvRange.Prefix(KeyRoot + name + "\0");
        Dictionary<RaftKvKey, KeyValueEntry> queue = [];
        ElectedLeader? last = null;
        bool isFirst = true;
        WatchOptions options = new() { OnCompacted = WatchCompaction.Snapshot };
        IAsyncEnumerable<WatchBatch> batches = Watcher.BatchesAsync(_core, Watcher.ScopeOf(candidates), options, cancellationToken);
        await foreach (WatchBatch batch in batches.ConfigureAwait(false))
        {
            batch.ApplyTo(queue);
            ElectedLeader? leader = queue.Values.MinBy(static entry => entry.CreateRevision) is { } first ? ToLeader(first) : null;
            if (isFirst || leader?.Token != last?.Token || leader?.Revision != last?.Revision)
            {
                isFirst = false;
                last = leader;
                yield return leader;
            }
        }
    }

    private static ElectedLeader ToLeader(KeyValueEntry entry) => new(entry.CreateRevision, entry.Value, entry.ModRevision);

    private static AcquireRequest Request(string name, string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return new AcquireRequest(AcquireRequest.Elections, name, "/campaign") { Body = new AcquireBody { Value = value } };
    }
}

/// <summary>An election as it is.</summary>
/// <param name="Leader">Null when nobody leads.</param>
/// <param name="CandidateCount">How many stand, the leader included.</param>
public sealed record ElectionState(string Name, ElectedLeader? Leader, long CandidateCount, ResponseMetadata Metadata);

/// <summary>A leader, as observers see it.</summary>
/// <param name="Token">The leadership's fencing token.</param>
/// <param name="Value">What the leader says of itself.</param>
/// <param name="Revision">When it last said it.</param>
public sealed record ElectedLeader(long Token, ReadOnlyMemory<byte> Value, long Revision)
{
    /// <summary>The value as UTF-8 text.</summary>
    public string GetString() => Encoding.UTF8.GetString(Value.Span);
}
