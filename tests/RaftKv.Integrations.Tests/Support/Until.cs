namespace RaftKv.Integrations.Tests.Support;

/// <summary>Asks until it is so. What never comes ends the test instead of hanging it.</summary>
internal static class Until
{
    internal static async Task TrueAsync(Func<Task<bool>> isTrue)
    {
        using CancellationTokenSource timeout = new(ThreeNodes.Patience);
        while (!await isTrue())
        {
            await Task.Delay(5, timeout.Token);
        }
    }

    internal static Task TrueAsync(Func<bool> isTrue) => TrueAsync(() => Task.FromResult(isTrue()));
}
