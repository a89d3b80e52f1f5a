using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace RaftKv.Hosting.Server;

/// <summary>
/// The listening sockets of the clients' ports, which can be closed before the web server ends: who leaves still needs the peers'
/// port, and what is under way, when nobody new is let in any more. Any thread.
/// </summary>
/// <param name="ports">The clients' ports.</param>
internal sealed class ClientListeners(IEnumerable<int> ports)
{
    private readonly HashSet<int> _ports = [.. ports];
    private readonly Lock _lock = new();
    private readonly List<IConnectionListener> _open = [];

    /// <summary>The clients' part of the web server's network, which is made of sockets like the rest.</summary>
    public IConnectionListenerFactory Over(IServiceProvider services) =>
        new Factory(this, ActivatorUtilities.CreateInstance<SocketTransportFactory>(services));

    /// <summary>Refuses connections from now on; those that are there stay.</summary>
    public async Task CloseAsync()
    {
        IConnectionListener[] closed;
        lock (_lock)
        {
            closed = [.. _open];
            _open.Clear();
        }

        foreach (IConnectionListener listener in closed)
        {
            await listener.UnbindAsync().ConfigureAwait(false);
        }
    }

    private sealed class Factory(ClientListeners owner, SocketTransportFactory sockets)
        : IConnectionListenerFactory, IConnectionListenerFactorySelector
    {
        public bool CanBind(EndPoint endpoint) => endpoint is IPEndPoint ip && owner._ports.Contains(ip.Port);

        public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
        {
            IConnectionListener listener = await sockets.BindAsync(endpoint, cancellationToken).ConfigureAwait(false);
            lock (owner._lock)
            {
                owner._open.Add(listener);
            }

            return listener;
        }
    }
}
