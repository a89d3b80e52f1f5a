namespace RaftKv.Client.Http;

/// <summary>
/// Which endpoints stand in the client's own zone, as each of them says; asked at the first read that cares, and anew from
/// time to time. Safe from any thread.
/// </summary>
/// <param name="firstIndex">Of several the first one after this is asked: not all clients begin at the same.</param>
/// <param name="ask">The zone of the node at an endpoint; null when it has none, or does not answer. Throws nothing.</param>
internal sealed class EndpointZones(
    string zone, int count, int firstIndex, Func<int, CancellationToken, Task<string?>> ask, TimeProvider time)
{
    // A node that was started anew is near again after that long.
    private static readonly TimeSpan AskEvery = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly bool[] _isNear = new bool[count];
    private Task _asking = Task.CompletedTask;
    private long? _askedAt;

    /// <summary>A near endpoint that this call has not tried; null when there is none.</summary>
    internal async ValueTask<int?> PickAsync(HashSet<int> tried, CancellationToken cancellationToken)
    {
        if (AskWhenDue() is { } first)
        {
            await first.WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        lock (_gate)
        {
            for (int i = 0; i < count; i++)
            {
                int index = (firstIndex + i) % count;
                if (_isNear[index] && !tried.Contains(index))
                {
                    return index;
                }
            }
        }

        return null;
    }

    /// <summary>It gave no answer: others are asked until it says again where it stands.</summary>
    internal void MarkFailed(int index)
    {
        lock (_gate)
        {
            _isNear[index] = false;
        }
    }

    // The first answers are worth waiting for; later ones come beside the reads.
    private Task? AskWhenDue()
    {
        lock (_gate)
        {
            bool isFirst = _askedAt is null || (!_asking.IsCompleted && time.GetElapsedTime(_askedAt.Value) < Patience);
            if (_asking.IsCompleted && (_askedAt is not { } before || time.GetElapsedTime(before) >= AskEvery))
            {
                _askedAt = time.GetTimestamp();
                _asking = Task.Run(AskAllAsync);
            }

            return isFirst ? _asking : null;
        }
    }

    private Task AskAllAsync() => Task.WhenAll(Enumerable.Range(0, count).Select(AskAsync));

    private async Task AskAsync(int index)
    {
        using var timer = new CancellationTokenSource(Patience, time);
        string? said = await ask(index, timer.Token).ConfigureAwait(false);
        lock (_gate)
        {
            _isNear[index] = said == zone;
        }
    }
}
