namespace Shop.Run;

/// <summary>Where the built programs are, in the same configuration as this one.</summary>
internal static class Places
{
    internal static string Of(string project, string file)
    {
        string[] parts = AppContext.BaseDirectory.TrimEnd('/', '\\').Replace('\\', '/').Split("/samples/Shop/Run/");
        return Path.Combine(parts[0], project, parts[1], file);
    }
}

/// <summary>Waits until something is so.</summary>
internal static class Wait
{
    internal static async Task UntilAsync(Func<Task<bool>> isSo, string what)
    {
        using CancellationTokenSource patience = new(TimeSpan.FromSeconds(60));
        while (!await isSo())
        {
            if (patience.IsCancellationRequested)
            {
                throw new TimeoutException($"Waited in vain: {what}.");
            }

            await Task.Delay(50);
        }
    }
}
