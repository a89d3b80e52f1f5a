using System.Globalization;
using RaftKv.Dashboard.Api;

namespace RaftKv.Dashboard.Keys;

/// <summary>
/// Lists a store of any size as folders: a page of keys, then past the folder that the page ended in, so that a folder
/// of a million keys costs one request and not a million lines. One flow of calls.
/// </summary>
internal sealed class KeyBrowser(NodeClient client)
{
    private const int PageSize = 200;

    /// <summary>Lines that one folder shows at most.</summary>
    internal const int MaxEntries = 500;

    // So many pages at most for one folder: a bound on the work that one click asks of the node.
    private const int MaxPages = 60;

    /// <summary>Lists what is directly below a prefix.</summary>
    /// <param name="revision">The revision to read; 0 for now.</param>
    /// <param name="isFlat">Every key for itself, without folders.</param>
    public async Task<KeyListing> ListAsync(string prefix, long revision, bool isFlat, CancellationToken cancellationToken = default)
    {
        var entries = new List<KeyEntry>();
        string? after = null;
        for (int page = 0; page < MaxPages && entries.Count < MaxEntries; page++)
        {
            ApiAnswer answer = await client.SendAsync(PageOf(prefix, after, revision), cancellationToken).ConfigureAwait(false);
            if (answer.Read(PageJson.Default.KeyPage) is not { } keys || !answer.IsOk)
            {
                return new KeyListing(entries, IsCut: false, revision, answer.Complaint);
            }

            // Every further page is read from the revision of the first one: a listing is one moment.
            revision = revision == 0 ? keys.Revision : revision;
            Take(entries, keys.Items, prefix, isFlat);
            if (!keys.HasMore)
            {
                return new KeyListing(entries, IsCut: false, revision);
            }

            after = Next(entries[^1], keys.Items[^1]);
        }

        return new KeyListing(entries.Count > MaxEntries ? entries[..MaxEntries] : entries, IsCut: true, revision);
    }

    /// <summary>
    /// How many keys begin with a prefix, and what they take; null when that can't be had now. The node has both as sums: it
    /// looks at no key for them.
    /// </summary>
    public async Task<PrefixSize?> SizeAsync(string prefix, long revision, CancellationToken cancellationToken = default) =>
        await client.GetAsync(
            $"/api/v1/kv?prefix={Uri.EscapeDataString(prefix)}&countOnly=true{At(revision)}",
            PageJson.Default.KeyPage,
            cancellationToken).ConfigureAwait(false) is { } page
            ? new PrefixSize(page.Count, page.Bytes)
            : null;

    /// <summary>Puts keys into lines: one for each folder, however many keys of it are there.</summary>
    internal static void Take(List<KeyEntry> entries, IEnumerable<KeyVersion> pairs, string prefix, bool isFlat)
    {
        foreach (KeyVersion pair in pairs)
        {
            KeyName name = KeyName.Of(pair);
            int slash = isFlat || name.IsBinary ? -1 : name.Text.IndexOf('/', prefix.Length);
            if (slash < 0)
            {
                string label = isFlat || name.IsBinary || name.Text.Length == prefix.Length ? name.Text : name.Text[prefix.Length..];
                entries.Add(new KeyEntry(name, name with { Text = label } is var shown ? shown.Display : "", pair));
                continue;
            }

            string folder = name.Text[..(slash + 1)];
            if (entries.Count == 0 || !entries[^1].IsFolder || entries[^1].Name.Text != folder)
            {
                entries.Add(new KeyEntry(new KeyName(folder), new KeyName(folder[prefix.Length..]).Display, Pair: null));
            }
        }
    }

    // "0" is the character after "/": the first key that does not begin with the folder's name.
    private static string Next(KeyEntry last, KeyVersion lastKey) =>
        last.IsFolder
            ? "start=" + Uri.EscapeDataString(last.Name.Text[..^1] + "0")
            : lastKey.KeyEncoding is null
                ? "start=" + Uri.EscapeDataString(lastKey.Key + "\0")
                : "start=" + AfterBytes(lastKey.Key) + "&keyEncoding=base64url";

    private static string AfterBytes(string base64Url)
    {
        byte[] bytes = System.Buffers.Text.Base64Url.DecodeFromChars(base64Url);
        return System.Buffers.Text.Base64Url.EncodeToString([.. bytes, 0]);
    }

    private static ApiRequest PageOf(string prefix, string? after, long revision)
    {
        string range = after is null
            ? "prefix=" + Uri.EscapeDataString(prefix)
            : prefix.Length == 0 ? after : $"{after}&end={EndOf(prefix, after)}";
        return NodeClient.OwnState($"/api/v1/kv?{range}&keysOnly=true&limit={PageSize}{At(revision)}");
    }

    // The end of a prefix: its last byte plus one. In base64url where the start is, for one encoding holds for both.
    private static string EndOf(string prefix, string after)
    {
        byte[] end = System.Text.Encoding.UTF8.GetBytes(prefix);
        int last = end.Length - 1;
        while (end[last] == 0xff)
        {
            last--;
        }

        end[last]++;
        byte[] bytes = end[..(last + 1)];
        return after.EndsWith("base64url", StringComparison.Ordinal)
            ? System.Buffers.Text.Base64Url.EncodeToString(bytes)
            : Uri.EscapeDataString(System.Text.Encoding.UTF8.GetString(bytes));
    }

    private static string At(long revision) =>
        revision == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"&revision={revision}");
}
