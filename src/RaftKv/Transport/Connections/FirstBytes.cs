using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace RaftKv.Transport.Connections;

/// <summary>Looks at the first bytes of a connection, and leaves them to the next reader.</summary>
internal static class FirstBytes
{
    /// <summary>TLS begins with a record of a handshake (RFC 8446, 5.1), whose type is this byte.</summary>
    private const byte TlsHandshake = 0x16;

    /// <summary>Whether they begin a handshake of TLS.</summary>
    public static bool? AreTls(ReadOnlySequence<byte> bytes) => bytes.FirstSpan[0] == TlsHandshake;

    /// <summary>Whether there are any.</summary>
    public static bool? AreThere(ReadOnlySequence<byte> bytes) => !bytes.IsEmpty;

    /// <summary>
    /// What the judge says of them. Null: the connection ended, or stayed silent, before that was clear; false also when it
    /// ended with bytes of which the judge wanted more.
    /// </summary>
    /// <param name="judge">Is never shown nothing; null asks for more.</param>
    /// <param name="patience">How long the connection may stay silent.</param>
    public static async Task<bool?> LookAsync(ConnectionContext connection, Func<ReadOnlySequence<byte>, bool?> judge, TimeSpan patience)
    {
        CancellationToken closing =
            connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested ?? CancellationToken.None;
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(closing);
        silence.CancelAfter(patience);
        PipeReader input = connection.Transport.Input;
        try
        {
            while (true)
            {
                ReadResult read = await input.ReadAsync(silence.Token).ConfigureAwait(false);
                bool? verdict = read.Buffer.IsEmpty ? null : judge(read.Buffer);
                bool isClear = verdict is not null || read.IsCompleted;

                // Nothing is consumed; when it is clear, what was seen counts as unseen for the next reader.
                input.AdvanceTo(read.Buffer.Start, isClear ? read.Buffer.Start : read.Buffer.End);
                if (isClear)
                {
                    return verdict ?? (read.Buffer.IsEmpty ? null : false);
                }
            }
        }
        catch (Exception end) when (end is OperationCanceledException or IOException)
        {
            return null;
        }
    }
}
