using System.Globalization;
using Google.Protobuf;
using Grpc.Net.Client;
using RaftKv.Bench;
using RaftKv.Protocol.Etcd;
using RaftKv.Transports.Etcd;

namespace RaftKv.Transports;

/// <summary>A generated client of etcd's KV service, with nothing around it: no retries, no second node, no outcomes.</summary>
internal sealed class GrpcTransport : ITransport
{
    private readonly GrpcChannel[] _channels;
    private readonly KV.KVClient[] _clients;
    private readonly ByteString[] _keys;
    private readonly ByteString _value;
    private int _next;

    /// <param name="channels">HTTP/2 connections, used in turn.</param>
    internal GrpcTransport(TransportOptions options, Uri endpoint, int channels)
    {
        _channels = [.. Enumerable.Range(0, channels).Select(_ => GrpcChannel.ForAddress(
            endpoint, new GrpcChannelOptions { HttpHandler = new SocketsHttpHandler(), DisposeHttpClient = true }))];
        _clients = [.. _channels.Select(static channel => new KV.KVClient(channel))];
        _keys = [.. options.KeyNames().Select(ByteString.CopyFromUtf8)];
        _value = ByteString.CopyFrom(new byte[options.ValueBytes]);
        Name = channels == 1 ? "gRPC, 1 connection" : string.Create(CultureInfo.InvariantCulture, $"gRPC, {channels} connections");
    }

    public string Name { get; }

    public async Task PutAsync(int key) => await Next().PutAsync(new PutRequest { Key = _keys[key], Value = _value });

    public async Task GetAsync(int key)
    {
        RangeResponse answer = await Next().RangeAsync(new RangeRequest { Key = _keys[key] });
        if (answer.Kvs.Count != 1 || answer.Kvs[0].Value.Length != _value.Length)
        {
            throw new BenchException(string.Create(CultureInfo.InvariantCulture, $"Key {key} is found {answer.Kvs.Count} times."));
        }
    }

    public ValueTask DisposeAsync()
    {
        foreach (GrpcChannel channel in _channels)
        {
            channel.Dispose();
        }

        return ValueTask.CompletedTask;
    }

    private KV.KVClient Next() =>
        _clients.Length == 1 ? _clients[0] : _clients[(uint)Interlocked.Increment(ref _next) % (uint)_clients.Length];
}
