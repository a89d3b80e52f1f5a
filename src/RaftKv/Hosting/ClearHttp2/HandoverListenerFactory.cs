using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;

namespace RaftKv.Hosting.ClearHttp2;

/// <summary>
/// A "network" of the web server whose connections come from <see cref="PrefaceSniffer"/>: it turns a connection that
/// was accepted on the clients' port into one of an endpoint that speaks HTTP/2 only.
/// </summary>
internal sealed class HandoverListenerFactory : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    // Bounded by the limit on connections, which is checked before a connection comes this far.
    private readonly Channel<ConnectionContext> _arrivals = Channel.CreateUnbounded<ConnectionContext>(
        new UnboundedChannelOptions { SingleReader = true });

    /// <inheritdoc/>
    public bool CanBind(EndPoint endpoint) => endpoint is Http2EndPoint;

    /// <inheritdoc/>
    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        new(new Listener(endpoint, _arrivals));

    /// <summary>Hands a connection over; false when the server takes no more.</summary>
    public bool TryHandOver(ConnectionContext connection) => _arrivals.Writer.TryWrite(connection);

    private sealed class Listener(EndPoint endPoint, Channel<ConnectionContext> arrivals) : IConnectionListener
    {
        public EndPoint EndPoint { get; } = endPoint;

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
        {
            while (await arrivals.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
            {
                if (arrivals.Reader.TryRead(out ConnectionContext? connection))
                {
                    return connection;
                }
            }

            return null;
        }

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
        {
            arrivals.Writer.TryComplete();
            return default;
        }

        public ValueTask DisposeAsync() => UnbindAsync();
    }
}
