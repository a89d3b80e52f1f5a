using System.Globalization;
using RaftKv.Bench;
using RaftKv.Client;

namespace RaftKv.Transports;

/// <summary>RaftKv.Client over its REST API, as applications use it.</summary>
internal sealed class RestTransport : ITransport
{
    private readonly RaftKvClient _client;
    private readonly WriteOptions _options;
    private readonly RaftKvKey[] _keys;
    private readonly byte[] _value;

    /// <param name="isNumbered">
    /// True lets the client number its writes, so that each is applied once however often it is repeated; etcd's API has nothing like it.
    /// </param>
    internal RestTransport(TransportOptions options, Uri endpoint, bool isNumbered)
    {
        _client = new RaftKvClient(new RaftKvClientOptions { Endpoints = [endpoint] });
        _options = new WriteOptions { IsIdempotent = isNumbered };
        _keys = [.. options.KeyNames().Select(static name => new RaftKvKey(name))];
        _value = new byte[options.ValueBytes];
        Name = isNumbered ? "REST, writes numbered" : "REST";
    }

    public string Name { get; }

    public Task PutAsync(int key) => _client.PutAsync(_keys[key], _value, _options);

    public async Task GetAsync(int key)
    {
        KeyValueEntry? entry = await _client.GetAsync(_keys[key]);
        if (entry?.Value.Length != _value.Length)
        {
            throw new BenchException(string.Create(CultureInfo.InvariantCulture, $"Key {key} has {entry?.Value.Length} bytes."));
        }
    }

    public ValueTask DisposeAsync() => _client.DisposeAsync();
}
