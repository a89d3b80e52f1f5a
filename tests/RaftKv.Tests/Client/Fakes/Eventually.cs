namespace RaftKv.Tests.Client.Fakes;

/// <summary>Waits for work on other threads that tells nobody when it is done; bounded, and no test depends on how long it takes.</summary>
internal static class Eventually
{
    internal static async Task TrueAsync(Func<bool> isTrue)
    {
        using CancellationTokenSource timeout = new(TimeSpan.FromSeconds(20));
        while (!isTrue())
        {
            timeout.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
