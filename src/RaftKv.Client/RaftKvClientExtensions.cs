using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using RaftKv.Client.Errors;
using RaftKv.Client.Http;

namespace RaftKv.Client;

/// <summary>Text and JSON on top of <see cref="IRaftKvClient"/>'s bytes.</summary>
public static class RaftKvClientExtensions
{
    /// <summary>Reads a key as UTF-8 text; null when it is missing.</summary>
    /// <inheritdoc cref="RaftKvClient.GetAsync"/>
    public static async Task<string?> GetStringAsync(
        this IRaftKvClient client, RaftKvKey key, ReadOptions? options = null, CancellationToken cancellationToken = default) =>
        (await client.GetAsync(key, options, cancellationToken).ConfigureAwait(false))?.GetString();

    /// <summary>Reads a key as JSON; <c>default</c> when it is missing.</summary>
    /// <exception cref="JsonException">The value is no such JSON.</exception>
    /// <exception cref="RaftKvException">No node could answer, or the request is refused.</exception>
    public static async Task<T?> GetAsync<T>(
        this IRaftKvClient client, RaftKvKey key, JsonTypeInfo<T> typeInfo, ReadOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(typeInfo);
        KeyValueEntry? entry = await client.GetAsync(key, options, cancellationToken).ConfigureAwait(false);
        return entry is null ? default : entry.GetJson(typeInfo);
    }

    // First, because new() { … } could also be meant for the type information of the overload below.
    /// <summary>Writes text, as UTF-8.</summary>
    /// <inheritdoc cref="RaftKvClient.PutAsync"/>
    [OverloadResolutionPriority(1)]
    public static Task<PutResult> PutAsync(
        this IRaftKvClient client, RaftKvKey key, string value, WriteOptions? options = null, CancellationToken cancellationToken = default) =>
        client.PutAsync(key, ToBytes(value), options, cancellationToken);

    /// <summary>Writes a value as JSON.</summary>
    /// <inheritdoc cref="RaftKvClient.PutAsync"/>
    public static Task<PutResult> PutAsync<T>(
        this IRaftKvClient client, RaftKvKey key, T value, JsonTypeInfo<T> typeInfo, WriteOptions? options = null,
        CancellationToken cancellationToken = default) =>
        client.PutAsync(key, JsonSerializer.SerializeToUtf8Bytes(value, typeInfo).AsMemory(), options, cancellationToken);

    /// <summary>Writes text if the precondition holds. That it does not hold is an answer, not an error.</summary>
    /// <inheritdoc cref="RaftKvClient.TryCompareAndSetAsync"/>
    public static Task<CompareAndSetResult> TryCompareAndSetAsync(
        this IRaftKvClient client, RaftKvKey key, Precondition expected, string value, WriteOptions? options = null,
        CancellationToken cancellationToken = default) =>
        client.TryCompareAndSetAsync(key, expected, ToBytes(value), options, cancellationToken);

    /// <summary>Writes text if the precondition holds, and throws when it does not.</summary>
    /// <inheritdoc cref="RaftKvClient.CompareAndSetAsync"/>
    public static Task<PutResult> CompareAndSetAsync(
        this IRaftKvClient client, RaftKvKey key, Precondition expected, string value, WriteOptions? options = null,
        CancellationToken cancellationToken = default) =>
        client.CompareAndSetAsync(key, expected, ToBytes(value), options, cancellationToken);

    /// <summary>Reads, changes and writes a key until nobody interferes: no update is lost.</summary>
    /// <remarks><code>
    /// await client.UpdateAsync("hits", hits => new Hits((hits?.Count ?? 0) + 1), AppJson.Default.Hits);
    /// </code></remarks>
    /// <param name="update">
    /// Makes the new value from the present one (<c>default</c> when missing). May run several times: keep it free of
    /// effects.
    /// </param>
    /// <exception cref="RaftKvPreconditionException">
    /// Others interfered in every one of <see cref="RaftKvClientOptions.MaxUpdateAttempts"/> rounds; code
    /// <c>contention</c>.
    /// </exception>
    /// <exception cref="RaftKvOutcomeUnknownException">The last write may or may not have been applied.</exception>
    /// <exception cref="RaftKvException">Other failures.</exception>
    public static async Task<UpdateResult<T>> UpdateAsync<T>(
        this IRaftKvClient client, RaftKvKey key, Func<T?, T> update, JsonTypeInfo<T> typeInfo, WriteOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(update);
        ArgumentNullException.ThrowIfNull(typeInfo);
        RaftKvClientOptions settings = (client as RaftKvClient)?.Options ?? new();

        // Not the client's default level: a stale read would only make the write fail and cost a round.
        ReadOptions linearizable = new() { Level = ReadLevel.Linearizable };
        for (int attempt = 1; ; attempt++)
        {
            GetResult read = await client.TryGetAsync(key, linearizable, cancellationToken).ConfigureAwait(false);
            T value = update(read.Entry is null ? default : read.Entry.GetJson(typeInfo));
            CompareAndSetResult written = await client.TryCompareAndSetAsync(
                key, Precondition.Unchanged(read.Entry), JsonSerializer.SerializeToUtf8Bytes(value, typeInfo), options, cancellationToken)
                .ConfigureAwait(false);
            if (written.Succeeded)
            {
                return new UpdateResult<T>(value, written.ModRevision, attempt, written.Metadata);
            }

            if (attempt >= settings.MaxUpdateAttempts)
            {
                throw new Failure("contention", $"The key changed in each of {attempt} rounds; nothing was applied.", Outcome.NotApplied)
                {
                    Status = 412,
                    Node = written.Metadata.ServedBy,
                    Leader = written.Metadata.Leader,
                    CurrentRevision = written.CurrentRevision,
                }.ToException();
            }

            await Task.Delay(RetryPolicy.Backoff(Math.Min(attempt, 5), settings.Jitter()), settings.TimeProvider, cancellationToken)
                .ConfigureAwait(false);
        }
    }

    private static ReadOnlyMemory<byte> ToBytes(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return Encoding.UTF8.GetBytes(value);
    }
}
