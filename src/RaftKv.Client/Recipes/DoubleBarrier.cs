using RaftKv.Client.Errors;
using RaftKv.Client.Recipes;

namespace RaftKv.Client;

/// <summary>
/// Begins together and ends together: all wait until a number of participants is there, and again until all have left.
/// Safe from any thread; each participant enters once.
/// </summary>
/// <remarks>
/// A participant that dies goes with its lease: before the start the others wait for another one, at the end nobody waits
/// for it. A new round begins only after the last of the round before has left.
/// <code>
/// DoubleBarrier barrier = new(client, "barriers/step", participants: 3, ttl: TimeSpan.FromSeconds(10));
/// await using DoubleBarrierEntry entry = await barrier.EnterAsync(ct);
/// await WorkAsync();
/// await entry.LeaveAsync(ct);
/// </code>
/// </remarks>
public sealed class DoubleBarrier
{
    private readonly TimeSpan _ttl;

    /// <summary>The barrier under this prefix.</summary>
    /// <param name="ttl">How long a participant that died is still counted.</param>
    public DoubleBarrier(RaftKvClient client, string name, int participants, TimeSpan ttl)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentOutOfRangeException.ThrowIfLessThan(participants, 1);
        LeaseClient.RequirePositive(ttl);
        Client = client;
        Members = name + "/members/";
        Ready = name + "/ready";
        Scope = RaftKvRange.Prefix(name + "/");
        Participants = participants;
        _ttl = ttl;
    }

    internal RaftKvClient Client { get; }

    internal string Members { get; }

    internal RaftKvKey Ready { get; }

    internal RaftKvRange Scope { get; }

    private int Participants { get; }

    /// <summary>Waits until all are there.</summary>
    /// <exception cref="RaftKvException">It failed, or our lease was lost meanwhile; we are not in.</exception>
    public async Task<DoubleBarrierEntry> EnterAsync(CancellationToken cancellationToken = default)
    {
        LeaseKeeper keeper = await Client.Leases.KeepAsync(_ttl, cancellationToken).ConfigureAwait(false);
        try
        {
            using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, keeper.LostToken);
            RaftKvKey mine = Members + keeper.Id;
            try
            {
                await JoinAsync(mine, keeper.Id, both.Token).ConfigureAwait(false);
                long round = await StartAsync(mine, both.Token).ConfigureAwait(false);
                return new DoubleBarrierEntry(this, keeper, mine, round);
            }
            catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
            {
                throw new Failure("lease-lost", "The lease was lost before all were there; this participant is not in.", Outcome.NotApplied)
                    .ToException(e);
            }
        }
        catch
        {
            await keeper.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>While the mark of a round is there, its participants are leaving: the next round waits.</summary>
    private async Task JoinAsync(RaftKvKey mine, string lease, CancellationToken cancellationToken)
    {
        while (true)
        {
            TxnResult joined = await Client.Txn().When(Compare.Key(Ready).IsMissing).Then(Op.Put(mine, "", lease))
                .CommitAsync(cancellationToken).ConfigureAwait(false);
            if (joined.Succeeded)
            {
                return;
            }

            KeyState state = await StateWait.UntilAsync(
                Client, Scope, state => state[Ready] is null || !state.Under(Members).Any(), cancellationToken).ConfigureAwait(false);
            if (state[Ready] is { } left)
            {
                // Its last participant died before it could clear up.
                await ClearAsync(left.CreateRevision, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Waits for the round's mark, and sets it when the number is reached.</summary>
    private async Task<long> StartAsync(RaftKvKey mine, CancellationToken cancellationToken)
    {
        while (true)
        {
            KeyState state = await StateWait.UntilAsync(
                Client, Scope, state => state[Ready] is not null || state.Under(Members).Count() >= Participants, cancellationToken)
                .ConfigureAwait(false);
            if (state[Ready] is { } ready)
            {
                return ready.CreateRevision;
            }

            await Client.Txn().When(Compare.Key(Ready).IsMissing, Compare.Key(mine).Exists).Then(Op.Put(Ready, ""))
                .CommitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    internal Task ClearAsync(long round, CancellationToken cancellationToken) =>

        // Only this round's mark: the next one may have begun.
        Client.Txn().When(Compare.Key(Ready).CreateRevision == round).Then(Op.Delete(Ready)).CommitAsync(cancellationToken);
}

/// <summary>A participant that is in. Disposing it gives up its part; the others don't wait for it.</summary>
public sealed class DoubleBarrierEntry : IAsyncDisposable
{
    private readonly DoubleBarrier _barrier;
    private readonly LeaseKeeper _keeper;
    private readonly RaftKvKey _mine;
    private readonly long _round;

    internal DoubleBarrierEntry(DoubleBarrier barrier, LeaseKeeper keeper, RaftKvKey mine, long round)
    {
        _barrier = barrier;
        _keeper = keeper;
        _mine = mine;
        _round = round;
    }

    /// <summary>Fires when the others may no longer wait for us.</summary>
    public CancellationToken LostToken => _keeper.LostToken;

    /// <summary>Waits until all have left, or died.</summary>
    /// <exception cref="RaftKvException">It failed; disposing leaves all the same.</exception>
    public async Task LeaveAsync(CancellationToken cancellationToken = default)
    {
        await _barrier.Client.DeleteAsync(_mine, options: null, cancellationToken).ConfigureAwait(false);
        await StateWait.UntilAsync(
            _barrier.Client,
            _barrier.Scope,
            state => state[_barrier.Ready]?.CreateRevision != _round || !state.Under(_barrier.Members).Any(),
            cancellationToken).ConfigureAwait(false);
        await _barrier.ClearAsync(_round, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Leaves without waiting for the others.</summary>
    public ValueTask DisposeAsync() => _keeper.DisposeAsync();
}
