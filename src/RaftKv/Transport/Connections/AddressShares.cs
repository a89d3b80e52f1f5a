using System.Net;
using Microsoft.AspNetCore.Connections;

namespace RaftKv.Transport.Connections;

/// <summary>
/// How many of a port's connections one address may have, so that one machine can't take every place with calls that last. Off
/// unless it is set: behind a proxy all clients have one address. Any thread.
/// </summary>
/// <param name="most">Connections of one address at one time; 0 for no bound.</param>
internal sealed class AddressShares(int most)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<IPAddress, int> _open = [];
    private long _refusedCount;

    /// <summary>Connections that were one too many of their address.</summary>
    public long RefusedCount => Interlocked.Read(ref _refusedCount);

    /// <summary>Serves a connection to its end, or closes it.</summary>
    public async Task ServeAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        if (most == 0 || connection.RemoteEndPoint is not IPEndPoint { Address: { } address })
        {
            await next(connection).ConfigureAwait(false);
            return;
        }

        if (!TryEnter(address))
        {
            Interlocked.Increment(ref _refusedCount);
            connection.Abort(new ConnectionAbortedException("This address has as many connections as one may have."));
            return;
        }

        try
        {
            await next(connection).ConfigureAwait(false);
        }
        finally
        {
            Leave(address);
        }
    }

    private bool TryEnter(IPAddress address)
    {
        lock (_gate)
        {
            int count = _open.GetValueOrDefault(address);
            if (count >= most)
            {
                return false;
            }

            _open[address] = count + 1;
            return true;
        }
    }

    private void Leave(IPAddress address)
    {
        lock (_gate)
        {
            if (--_open[address] > 0)
            {
                return;
            }

            // Only addresses with connections are remembered: strangers' ones don't add up.
            _open.Remove(address);
        }
    }
}
