using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace RaftKv.Hosting.ClearHttp2;

/// <summary>Opens one port for HTTP/1.1 and for HTTP/2 without TLS.</summary>
internal static class ClearHttp2Extensions
{
    /// <summary>Adds the endpoint that speaks HTTP/2 on connections that are handed to it; call it once.</summary>
    public static void ListenForHandedOverHttp2(this KestrelServerOptions kestrel) =>
        kestrel.Listen(new Http2EndPoint(), static listen => listen.Protocols = HttpProtocols.Http2);

    /// <summary>Under TLS too, some clients of HTTP/2 send a whole URL as authority.</summary>
    public static void MendAuthorities(this ConnectionContext connection)
    {
        if (connection.Features.Get<ITlsApplicationProtocolFeature>()?.ApplicationProtocol.Span.SequenceEqual("h2"u8) == true)
        {
            connection.Transport = HandedOverConnection.Mended(connection.Transport);
        }
    }

    /// <summary>Makes a port speak HTTP/1.1 and hand connections that speak HTTP/2 over.</summary>
    public static void UseBothHttpVersions(this ListenOptions listen, HandoverListenerFactory http2, TimeSpan patience)
    {
        listen.Protocols = HttpProtocols.Http1;
        listen.Use(next => new PrefaceSniffer(next, http2, patience).OnConnectionAsync);
    }
}
