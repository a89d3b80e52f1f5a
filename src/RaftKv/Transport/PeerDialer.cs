using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using RaftKv.Security.Tls;

namespace RaftKv.Transport;

/// <summary>Dials peers: in the clear, by TLS, or, while a cluster goes over from one to the other, by TLS first.</summary>
/// <param name="tls">This node's certificate and the roots of its peers; null for plain TCP.</param>
/// <param name="mayFallBack">A peer that speaks no TLS is spoken to in the clear.</param>
internal sealed class PeerDialer(TlsSource? tls, bool mayFallBack)
{
    /// <summary>What peers speak inside TLS.</summary>
    public static readonly SslApplicationProtocol Protocol = new("raftkv-peer/1");

    /// <summary>Plain TCP.</summary>
    public static PeerDialer Plain { get; } = new(null, mayFallBack: false);

    /// <summary>Whether who dials this node must have shown a member's certificate.</summary>
    public bool IsProofRequired => tls is not null && !mayFallBack;

    /// <summary>Dials.</summary>
    public async Task<PeerWire> ConnectAsync(PeerAddress peer, CancellationToken cancellationToken)
    {
        if (tls is null)
        {
            return await SocketWire.ConnectAsync(peer, cancellationToken).ConfigureAwait(false);
        }

        try
        {
            return await TlsWire.ConnectAsync(peer, tls, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception noTls) when (mayFallBack && (noTls is AuthenticationException or IOException))
        {
            // What the first bytes of TLS are to it is a frame of an impossible length: it hung up. A certificate that is not
            // good is no such case.
            return await SocketWire.ConnectAsync(peer, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Dials for another engine, which speaks over a stream; by TLS or not, and never one after the other.</summary>
    public async Task<Stream> OpenAsync(PeerAddress peer, CancellationToken cancellationToken) => tls is null
        ? new NetworkStream(await SocketWire.DialAsync(peer, cancellationToken).ConfigureAwait(false), ownsSocket: true)
        : await TlsWire.OpenAsync(peer, tls, cancellationToken).ConfigureAwait(false);
}
