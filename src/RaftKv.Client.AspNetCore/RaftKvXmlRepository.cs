using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;

namespace RaftKv.Client.AspNetCore;

/// <summary>Data-protection keys in the store, shared by all instances of an application. Safe from any thread.</summary>
/// <remarks>
/// Instances that start together all find no key and all make one; with most stores each then protects with its own, and
/// the others can't read it until they look again. Here a new key is stored only if nobody has stored one since the keys
/// were read, as one transaction. Who comes second stores nothing: the framework reads the keys again after it has made
/// one, and finds the first one's.
/// </remarks>
public sealed class RaftKvXmlRepository : IXmlRepository
{
    private readonly RaftKvClient _client;
    private readonly string _elements;
    private readonly RaftKvKey _generation;

    // Revision of the generation's key when the keys were last read; 0 when it was missing, -1 when they were never read.
    private long _seenGeneration = -1;

    /// <summary>The keys under this prefix.</summary>
    public RaftKvXmlRepository(RaftKvClient client, string prefix)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentException.ThrowIfNullOrEmpty(prefix);
        _client = client;
        _elements = prefix.TrimEnd('/') + "/elements/";
        _generation = prefix.TrimEnd('/') + "/generation";
    }

    /// <inheritdoc/>
    /// <exception cref="RaftKvException">No node could answer.</exception>
    public IReadOnlyCollection<XElement> GetAllElements() => Run(GetAllAsync);

    /// <inheritdoc/>
    /// <exception cref="RaftKvException">It failed; the outcome says whether it may be stored.</exception>
    public void StoreElement(XElement element, string friendlyName)
    {
        ArgumentNullException.ThrowIfNull(element);
        Run(async () =>
        {
            await StoreAsync(element, friendlyName).ConfigureAwait(false);
            return true;
        });
    }

    internal async Task<IReadOnlyCollection<XElement>> GetAllAsync()
    {
        // One view of both: the elements, and how often a key was added. Elements are few, a key or two in three months.
        TxnResult result = await _client.Txn()
            .Then(Op.Get(_generation), Op.Get(RaftKvRange.Prefix(_elements)))
            .CommitAsync().ConfigureAwait(false);
        var elements = (TxnGetResult)result.Responses[1];
        if (elements.HasMore)
        {
            throw new InvalidOperationException(
                $"There are too many elements under {_elements} for one read; remove keys that expired long ago.");
        }

        Volatile.Write(ref _seenGeneration, ((TxnGetResult)result.Responses[0]).Entry?.ModRevision ?? 0);
        return [.. elements.Entries.Select(static entry => XElement.Parse(entry.GetString()))];
    }

    /// <summary>False when another instance has added a key since the keys were read.</summary>
    internal async Task<bool> StoreAsync(XElement element, string? friendlyName)
    {
        string name = string.IsNullOrEmpty(friendlyName) ? Guid.NewGuid().ToString("N") : friendlyName;
        string text = element.ToString(SaveOptions.DisableFormatting);
        if (element.Name.LocalName != "key")
        {
            // Revocations and the like: several of them do no harm, and one that is dropped would.
            await _client.PutAsync(_elements + name, text).ConfigureAwait(false);
            return true;
        }

        if (Volatile.Read(ref _seenGeneration) < 0)
        {
            await GetAllAsync().ConfigureAwait(false);
        }

        long seen = Volatile.Read(ref _seenGeneration);
        TxnResult result = await _client.Txn()
            .When(Compare.Key(_generation).ModRevision == seen)
            .Then(Op.Put(_elements + name, text), Op.Put(_generation, name))
            .CommitAsync().ConfigureAwait(false);
        return result.Succeeded;
    }

    /// <summary>The framework's interface is synchronous; the work runs on other threads and needs none of the caller's context.</summary>
    private static T Run<T>(Func<Task<T>> work) => Task.Run(work).GetAwaiter().GetResult();
}
