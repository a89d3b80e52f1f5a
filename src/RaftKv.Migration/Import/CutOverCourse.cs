namespace RaftKv.Migration.Import;

/// <summary>What came of a cut-over.</summary>
/// <param name="IsDone">Both sides are the same, and the source is quiet.</param>
/// <param name="Comparison">Null when the source was never quiet.</param>
internal readonly record struct CutOverResult(bool IsDone, ComparisonResult? Comparison);

/// <summary>
/// The check before a cut-over: the source is quiet behind the revision that is applied, both sides are the same, and the source is
/// still quiet a while later: one who writes now and then is not taken for one who has stopped. What is not so is looked at again
/// once the import has caught up again, until its time is over.
/// </summary>
internal sealed class CutOverCourse(ImportOrder order, SourceState state, Func<SideComparison> comparison, TimeProvider time)
{
    // A first difference may be of changes that the source told of too late.
    private const int MaxRoundsOfDifferences = 2;

    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(500);

    private int _roundsOfDifferences;
    private long? _began;

    /// <summary>True once it was tried.</summary>
    public bool HasBegun => _began is not null;

    /// <summary>Tries it at a revision that is applied; null when the import is to catch up, and try again.</summary>
    public async Task<CutOverResult?> TryAsync(long revision, CancellationToken cancellationToken)
    {
        _began ??= time.GetTimestamp();
        long looked = time.GetTimestamp();
        ComparisonResult? found = null;
        if (await state.IsQuietSinceAsync(revision, cancellationToken).ConfigureAwait(false))
        {
            found = await comparison().RunAsync(revision, keysOnly: false, cancellationToken).ConfigureAwait(false);
            _roundsOfDifferences += found.IsEqual ? 0 : 1;
            TimeSpan left = order.QuietFor - time.GetElapsedTime(looked);
            if (found.IsEqual && left > TimeSpan.Zero)
            {
                await Task.Delay(left, time, cancellationToken).ConfigureAwait(false);
            }

            if (found.IsEqual && await state.IsQuietSinceAsync(revision, cancellationToken).ConfigureAwait(false))
            {
                return new CutOverResult(IsDone: true, found);
            }
        }

        if (_roundsOfDifferences == MaxRoundsOfDifferences || time.GetElapsedTime(_began.Value) > order.QuietWithin)
        {
            return new CutOverResult(IsDone: false, found);
        }

        await Task.Delay(_pause, time, cancellationToken).ConfigureAwait(false);
        return null;
    }
}
