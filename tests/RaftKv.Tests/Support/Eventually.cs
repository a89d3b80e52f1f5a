namespace RaftKv.Tests.Support;

/// <summary>
/// Waits for work on other threads that tells nobody when it is done. Between two looks the processor is left to that
/// work; no test depends on how long it takes, and one that never comes ends the test instead of hanging it.
/// </summary>
internal static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    internal static async Task TrueAsync(Func<bool> isTrue)
    {
        using var timeout = new CancellationTokenSource(Patience);
        while (!isTrue())
        {
            await Task.Delay(1, timeout.Token);
        }
    }
}
