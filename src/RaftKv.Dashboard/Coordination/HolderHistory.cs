using System.Text.Json;
using RaftKv.Dashboard.Api;

namespace RaftKv.Dashboard.Coordination;

/// <summary>Something that happened to a lock, semaphore or election.</summary>
/// <param name="Token">Of the place: the create revision of its key.</param>
/// <param name="What">takes a place, holds, lets go, lease over or revoked.</param>
public sealed record HolderEvent(long Revision, string Kind, string Name, string Owner, long Token, string What);

/// <summary>
/// Who held what, out of the changes that are still kept: places in queues are ordinary keys, so that a watch from the past tells
/// them. Bounded in revisions that are read and in events that are kept. One flow of calls.
/// </summary>
internal sealed class HolderHistory
{
    /// <summary>Events that are kept; older ones go.</summary>
    internal const int MaxEvents = 100;

    // So far back at most: a bound on the work that one look asks of the node.
    private const long MaxRevisions = 20_000;
    private const string Root = "_raftkv/";
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(10);

    private readonly LinkedList<HolderEvent> _events = new();
    private readonly Dictionary<string, SortedDictionary<long, (string Lease, string Owner)>> _places = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _heads = new(StringComparer.Ordinal);

    /// <summary>Newest first.</summary>
    public IReadOnlyList<HolderEvent> Events => [.. _events];

    /// <summary>Reads what is kept up to a revision; the sentence says why it could not be read, or is empty.</summary>
    /// <param name="compacted">Changes up to there are gone.</param>
    /// <param name="newest">The store's revision now.</param>
    public async Task<string> ReadAsync(NodeClient client, long compacted, long newest, CancellationToken cancellationToken = default)
    {
        long from = Math.Max(Math.Max(1, compacted + 1), newest - MaxRevisions);
        string target = $"/api/v1/watch?prefix={Uri.EscapeDataString(Root)}&startRevision={from}&prevValue=true&bookmarkInterval=100ms";
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_patience);
        try
        {
            await foreach ((string type, ChangeMessage body) in client.WatchAsync(target, limit.Token).ConfigureAwait(false))
            {
                foreach (KeyVersion change in body.Events)
                {
                    Take(body.Revision, change);
                }

                if (type == StreamMessages.Cancel)
                {
                    return body.Detail ?? "The node ended the look.";
                }

                // A bookmark comes when there is nothing more to tell.
                if (body.Revision >= newest || type == StreamMessages.Bookmark)
                {
                    return "";
                }
            }

            return "";
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return "Not all of it was read in time.";
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException or JsonException)
        {
            return failure is HttpRequestException ? failure.Message : "The stream broke.";
        }
    }

    /// <summary>Takes one change of a place.</summary>
    internal void Take(long revision, KeyVersion change)
    {
        // _raftkv/locks/NAME, zero, x or s or n, zero, the lease.
        string[] parts = change.KeyEncoding is null && change.Key.StartsWith(Root, StringComparison.Ordinal)
            ? change.Key[Root.Length..].Split('\0') : [];
        int slash = parts.Length == 3 ? parts[0].IndexOf('/', StringComparison.Ordinal) : -1;
        if (slash <= 0)
        {
            return;
        }

        string kind = parts[0][..slash].TrimEnd('s');
        string name = parts[0][(slash + 1)..];
        if (!_places.TryGetValue(parts[0], out SortedDictionary<long, (string Lease, string Owner)>? queue))
        {
            _places[parts[0]] = queue = [];
        }

        bool isPut = change.Type == ChangeWords.Put;
        if (isPut && change.CreateRevision == change.ModRevision)
        {
            queue[change.CreateRevision] = (parts[2], OwnerOf(change));
            Note(new HolderEvent(revision, kind, name, OwnerOf(change), change.CreateRevision, "takes a place"));
        }
        else if (!isPut)
        {
            long token = queue.FirstOrDefault(place => place.Value.Lease == parts[2]).Key;
            string owner = token > 0 ? queue[token].Owner : change.Previous is { } before ? OwnerOf(before) : "";
            queue.Remove(token);
            Note(new HolderEvent(revision, kind, name, owner, token > 0 ? token : change.Previous?.CreateRevision ?? 0, change.Reason switch
            {
                ChangeWords.Expired => "lease over",
                ChangeWords.Revoked => "revoked",
                _ => "lets go",
            }));
        }

        // Of those who exclude each other the oldest place holds. Shared places and semaphores have several holders.
        long head = parts[1] == "x" && queue.Count > 0 ? queue.Keys.First() : 0;
        if (head > 0 && _heads.GetValueOrDefault(parts[0]) != head)
        {
            Note(new HolderEvent(revision, kind, name, queue[head].Owner, head, "holds"));
        }

        _heads[parts[0]] = head;
    }

    private static string OwnerOf(KeyVersion place) =>
        place.Encoding == "base64" ? "0x" + Convert.ToHexStringLower(Convert.FromBase64String(place.Value ?? "")) : place.Value ?? "";

    private void Note(HolderEvent happened)
    {
        _events.AddFirst(happened);
        if (_events.Count > MaxEvents)
        {
            _events.RemoveLast();
        }
    }
}
