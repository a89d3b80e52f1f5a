using System.Buffers;
using Microsoft.AspNetCore.Connections;
using RaftKv.Transport.Connections;

namespace RaftKv.Hosting.ClearHttp2;

/// <summary>
/// Looks at the first bytes of a connection, once: HTTP/2's preface sends it to the endpoint that speaks HTTP/2, all
/// else stays with HTTP/1.1. The web server can't do this by itself: without TLS it takes a port that speaks both for
/// HTTP/1.1 only.
/// </summary>
internal sealed class PrefaceSniffer
{
    private readonly ConnectionDelegate _http1;
    private readonly HandoverListenerFactory _http2;
    private readonly TimeSpan _patience;

    /// <param name="http1">The rest of the pipeline.</param>
    /// <param name="http2">Takes connections that begin with the preface.</param>
    /// <param name="patience">How long a connection may stay silent at its start.</param>
    public PrefaceSniffer(ConnectionDelegate http1, HandoverListenerFactory http2, TimeSpan patience)
    {
        _http1 = http1;
        _http2 = http2;
        _patience = patience;
    }

    /// <summary>What a client of HTTP/2 sends first.</summary>
    internal static ReadOnlySpan<byte> Preface => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8;

    /// <summary>Handles one connection to its end.</summary>
    public async Task OnConnectionAsync(ConnectionContext connection)
    {
        bool? isHttp2 = await FirstBytes.LookAsync(connection, static bytes => IsPreface(bytes), _patience).ConfigureAwait(false);
        if (isHttp2 is null)
        {
            return;
        }

        if (!isHttp2.Value)
        {
            await _http1(connection).ConfigureAwait(false);
            return;
        }

        var handedOver = new HandedOverConnection(connection);
        if (_http2.TryHandOver(handedOver))
        {
            await handedOver.Ended.ConfigureAwait(false);
        }
    }

    /// <summary>Whether these first bytes are the preface; null while they may still become it.</summary>
    internal static bool? IsPreface(in ReadOnlySequence<byte> bytes)
    {
        Span<byte> first = stackalloc byte[(int)Math.Min(bytes.Length, Preface.Length)];
        bytes.Slice(0, first.Length).CopyTo(first);
        if (!Preface.StartsWith(first))
        {
            return false;
        }

        return first.Length == Preface.Length ? true : null;
    }
}
