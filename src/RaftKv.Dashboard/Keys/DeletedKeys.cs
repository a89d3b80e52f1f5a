using System.Globalization;
using RaftKv.Dashboard.Api;

namespace RaftKv.Dashboard.Keys;

/// <summary>A key that is gone, and when it went.</summary>
public sealed record DeletedKey(KeyName Name, long Revision, string Reason);

/// <summary>
/// Keys that are deleted and whose versions are still kept: the changes since the last compaction, told by the API's
/// watch as a poll. One flow of calls.
/// </summary>
internal sealed class DeletedKeys(NodeClient client)
{
    /// <summary>Keys that are looked up; of more, the ones that went last.</summary>
    internal const int MaxKeys = 100;

    private const int MaxPages = 20;

    /// <summary>The newest first.</summary>
    /// <param name="compacted">Revisions up to this one can't be told any more.</param>
    public async Task<IReadOnlyList<DeletedKey>> ListAsync(string prefix, long compacted, CancellationToken cancellationToken = default)
    {
        var newest = new Dictionary<KeyName, DeletedKey>();
        long from = compacted + 1;
        for (int page = 0; page < MaxPages; page++)
        {
            string target = string.Create(
                CultureInfo.InvariantCulture,
                $"/api/v1/watch?prefix={Uri.EscapeDataString(prefix)}&filter=delete&startRevision={from}&timeout=1ms&limit=1000");
            ApiRequest request = NodeClient.OwnState(target).With("Accept", "application/json");
            ApiAnswer answer = await client.SendAsync(request, cancellationToken).ConfigureAwait(false);
            if (!answer.IsOk || answer.Read(PageJson.Default.ChangeMessage) is not { Events.Count: > 0 } changes)
            {
                break;
            }

            foreach (KeyVersion gone in changes.Events)
            {
                newest[KeyName.Of(gone)] = new DeletedKey(KeyName.Of(gone), gone.ModRevision, gone.Reason ?? ChangeWords.Delete);
            }

            from = changes.Events[^1].ModRevision + 1;
        }

        DeletedKey[] latest = [.. newest.Values.OrderByDescending(static key => key.Revision).Take(MaxKeys)];
        bool[] areBack = await Task.WhenAll(latest.Select(key => ExistsAsync(key.Name, cancellationToken))).ConfigureAwait(false);
        return [.. latest.Where((_, index) => !areBack[index])];
    }

    private async Task<bool> ExistsAsync(KeyName name, CancellationToken cancellationToken) =>
        (await client.SendAsync(NodeClient.OwnState("/api/v1/kv?" + name.Query), cancellationToken).ConfigureAwait(false)).IsOk;
}
