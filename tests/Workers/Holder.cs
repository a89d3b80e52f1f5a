using System.Globalization;
using RaftKv.Client;

namespace RaftKv.Workers;

/// <summary>
/// A holder that never looks whether it still holds: only the fence stands between its writes and the data.
/// </summary>
internal sealed class Holder(RaftKvClient client, string name, TimeSpan ttl, string key)
{
    private static readonly TimeSpan BetweenWrites = TimeSpan.FromMilliseconds(20);

    /// <summary>Takes the lock anew for each line of the input, until that ends.</summary>
    public async Task RunAsync(TextReader input, TextWriter output)
    {
        await output.WriteLineAsync("ready");
        while (await input.ReadLineAsync() is not null)
        {
            await using LockHandle handle = await client.Locks.AcquireAsync(name, ttl);
            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"holding {handle.FencingToken}"));
            await WriteUntilRefusedAsync(handle, output);
        }
    }

    private async Task WriteUntilRefusedAsync(LockHandle handle, TextWriter output)
    {
        string token = handle.FencingToken.ToString(CultureInfo.InvariantCulture);
        for (bool isFirst = true; ; isFirst = false)
        {
            try
            {
                await client.PutAsync(key, token, new WriteOptions { Fence = handle.Fence });
                if (isFirst)
                {
                    await output.WriteLineAsync($"wrote {token}");
                }
            }
            catch (RaftKvPreconditionException e)
            {
                string belief = handle.IsHeld ? "believed" : "known";
                await output.WriteLineAsync($"refused {token} {e.Status} {e.Code} {belief}");
                return;
            }
            catch (RaftKvException e)
            {
                // Nobody knows whether it was written: the next one is as good a try.
                await output.WriteLineAsync($"failed {token} {e.Code}");
            }

            await Task.Delay(BetweenWrites);
        }
    }
}
