using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace RaftKv.Security.Tls;

/// <summary>Puts TLS on a port of the web server.</summary>
internal static class TlsListening
{
    /// <summary>What follows sees what is inside; call it after what concerns all connections.</summary>
    public static void UseTls(this ListenOptions listen, ServerTls tls)
    {
        listen.UseHttps(new TlsHandshakeCallbackOptions
        {
            HandshakeTimeout = ServerTls.HandshakeTimeout,
            OnConnection = async handshake =>
            {
                // Signing takes a while: not on the thread that polls the sockets.
                await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
                return tls.OptionsFor(handshake.Connection);
            },
        });
        listen.Use(next => connection => tls.ServeAsync(connection, next));
    }
}
