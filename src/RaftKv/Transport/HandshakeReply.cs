using System.Buffers;
using Google.Protobuf;
using RaftKv.Protocol.Peer;

namespace RaftKv.Transport;

/// <summary>The dialling side of a handshake waits for the one frame that answers it: of a link, a founding or a joining.</summary>
internal static class HandshakeReply
{
    /// <summary>
    /// The answer. Throws <see cref="IOException"/> when the connection ends before it, and
    /// <see cref="PeerRefusedException"/> when something else was said.
    /// </summary>
    public static async Task<HelloReply> ReceiveAsync(PeerWire wire, CancellationToken cancellationToken)
    {
        var buffer = new byte[PeerFrame.HeaderBytes + PeerFrame.MaxHandshakeBytes];
        int count = 0;
        while (count < buffer.Length)
        {
            int received = await wire.ReceiveAsync(buffer.AsMemory(count), cancellationToken).ConfigureAwait(false);
            if (received == 0)
            {
                throw new IOException("The connection was closed during the handshake.");
            }

            count += received;
            switch (PeerFrame.TryRead(new ReadOnlySequence<byte>(buffer, 0, count), PeerFrame.MaxHandshakeBytes, out var payload))
            {
                case FrameStatus.Complete:
                    try
                    {
                        return HelloReply.Parser.ParseFrom(payload);
                    }
                    catch (InvalidProtocolBufferException)
                    {
                        throw new PeerRefusedException("Its answer is no handshake of a RaftKv peer port; check the address.");
                    }

                case FrameStatus.Bad:
                    throw new PeerRefusedException("Its answer is no frame of a RaftKv peer port; check the address.");
            }
        }

        throw new PeerRefusedException("Its answer is too long for a handshake; check the address.");
    }
}
