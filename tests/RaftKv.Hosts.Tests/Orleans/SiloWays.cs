using System.Collections.Concurrent;
using Microsoft.AspNetCore.Connections;
using Orleans.Configuration;
using Orleans.Hosting;

namespace RaftKv.Hosts.Tests.Orleans;

/// <summary>The ways of one silo that can be cut: to its peers in both directions, and to the store. Clients still reach it.</summary>
internal sealed class SiloWays
{
    private readonly ConcurrentDictionary<ConnectionContext, bool> _open = new();
    private readonly StoreWay _store = new();
    private volatile bool _isSplit;

    /// <summary>How many requests to the store were refused since it was cut.</summary>
    internal int RefusedCount => _store.RefusedCount;

    /// <summary>What the silo's client sends through.</summary>
    internal HttpMessageHandler Store => _store;

    internal void Watch(ISiloBuilder silo) => silo.Configure<SiloConnectionOptions>(options =>
    {
        options.ConfigureSiloInboundConnection(Watch);
        options.ConfigureSiloOutboundConnection(Watch);
    });

    internal void CutStore() => _store.IsCut = true;

    internal void HealStore() => _store.IsCut = false;

    /// <summary>Ends every connection with another silo, and lets none come about any more.</summary>
    internal void SplitFromPeers()
    {
        _isSplit = true;
        foreach (ConnectionContext connection in _open.Keys)
        {
            connection.Abort(new ConnectionAbortedException("split"));
        }
    }

    private void Watch(IConnectionBuilder connections) => connections.Use(next => async connection =>
    {
        _open[connection] = true;
        try
        {
            if (_isSplit)
            {
                connection.Abort(new ConnectionAbortedException("split"));
                throw new ConnectionAbortedException("split");
            }

            await next(connection);
        }
        finally
        {
            _open.TryRemove(connection, out _);
        }
    });

    private sealed class StoreWay() : DelegatingHandler(new SocketsHttpHandler())
    {
        private volatile bool _isCut;
        private int _refusedCount;

        internal bool IsCut { get => _isCut; set => _isCut = value; }

        internal int RefusedCount => Volatile.Read(ref _refusedCount);

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (!_isCut)
            {
                return base.SendAsync(request, cancellationToken);
            }

            Interlocked.Increment(ref _refusedCount);
            throw new HttpRequestException(HttpRequestError.ConnectionError, "cut off");
        }
    }
}
