namespace RaftKv.JepsenStyle.Nemeses;

/// <summary>Waits that end early, without an exception, when the run is over.</summary>
internal static class NemesisPause
{
    public static async Task ForAsync(Random random, int leastMs, int mostMs, CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(random.Next(leastMs, mostMs), cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // The run is over: mend and return.
        }
    }
}
