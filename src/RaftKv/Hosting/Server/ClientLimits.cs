using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace RaftKv.Hosting.Server;

/// <summary>What the server puts up with from its clients' connections. Stateless.</summary>
internal static class ClientLimits
{
    /// <summary>Sets all of it.</summary>
    public static void Set(KestrelServerLimits limits)
    {
        limits.MaxRequestHeadersTotalSize = 32 * 1024;
        limits.MaxRequestHeaderCount = 100;
        limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        limits.KeepAliveTimeout = TimeSpan.FromMinutes(10);

        // One client of etcd's multiplexes all it does over one connection, each watch and each waiting lock a stream.
        limits.Http2.MaxStreamsPerConnection = 10_000;

        // A client that is gone without a word, with its machine or its network, would keep its silent watches, and a connection's
        // place, for good: nothing is sent to it that could fail. etcd asks after two hours, and its listener by TCP before that.
        limits.Http2.KeepAlivePingDelay = TimeSpan.FromMinutes(5);
        limits.Http2.KeepAlivePingTimeout = TimeSpan.FromMinutes(1);

        // A watcher that does not read is cancelled after 30 s by its own stream; the connection, with all other
        // streams, ends only after that has failed too.
        limits.MinResponseDataRate = new MinDataRate(bytesPerSecond: 16, gracePeriod: TimeSpan.FromSeconds(60));
    }
}
