using System.Buffers;
using System.IO.Pipelines;
using Google.Protobuf;
using Microsoft.AspNetCore.Connections;
using RaftKv.Core;
using RaftKv.Core.Messages;
using RaftKv.Core.Raft.Messages;
using RaftKv.Core.Replica.Messages;
using RaftKv.Diagnostics;
using RaftKv.Protocol.Peer;
using RaftKv.Security.Tls;
using RaftKv.Transport.Connections;

namespace RaftKv.Transport;

/// <summary>
/// Receives what a peer sends on a connection that it dialled. Whatever comes in, from anyone: the worst that happens
/// is that the connection closes.
/// </summary>
internal sealed class PeerConnectionHandler(PeerTransport transport) : ConnectionHandler
{
    private static readonly TimeSpan HandshakeTimeout = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    public override async Task OnConnectedAsync(ConnectionContext connection)
    {
        try
        {
            Hello? hello = await ReadHelloAsync(connection, transport.Time, transport.Stopped).ConfigureAwait(false);
            if (hello is null)
            {
                Refuse(connection, "It sent no handshake of a RaftKv peer.");
                return;
            }

            // Before anything is believed, remembered or answered.
            if (MemberProof.ProblemOf(connection, transport.IsProofRequired, SpeakerOf(hello)) is { } unproven)
            {
                Refuse(connection, unproven);
                return;
            }

            if (hello.Founding is not null)
            {
                await connection.Transport.Output.WriteAsync(transport.Handshake.WordReply()).ConfigureAwait(false);
                return;
            }

            if (hello.Join is not null)
            {
                JoinReply joined = transport.Join is { } join
                    ? await join(hello.Join).ConfigureAwait(false)
                    : new JoinReply { Refusal = "This node takes nobody in.", IsRetry = true };
                await connection.Transport.Output.WriteAsync(PeerHandshake.JoinAnswer(joined)).ConfigureAwait(false);
                return;
            }

            if (hello.Members is not null)
            {
                if (await AnswerAsync(hello).ConfigureAwait(false) is { } answer)
                {
                    await connection.Transport.Output.WriteAsync(answer).ConfigureAwait(false);
                    return;
                }

                Refuse(connection, "It asks about the members of another cluster, or what this version does not know.");
                return;
            }

            PeerAddress? peer = transport.Handshake.Accept(hello, out string refusal, out bool isFinal);
            bool isRemoved = peer is null && transport.Book.WasRemoved(new NodeId(hello.FromNodeId));
            await connection.Transport.Output.WriteAsync(transport.Handshake.Reply(refusal, isFinal, isRemoved)).ConfigureAwait(false);
            if (peer is null)
            {
                Refuse(connection, refusal);
                return;
            }

            connection.Features.Get<ConnectionPlace>()?.Begin();
            transport.Register(peer.Id, hello.ClientUrl, connection);
            try
            {
                await ReceiveAsync(connection, peer).ConfigureAwait(false);
            }
            finally
            {
                transport.Unregister(peer.Id, connection);
            }
        }
        catch (Exception end) when (end is ConnectionResetException or ConnectionAbortedException or OperationCanceledException or IOException)
        {
            // The peer went away, or the node stops; the side that dialled logs it and dials again.
        }
    }

    private async Task<byte[]?> AnswerAsync(Hello hello)
    {
        if (hello.ClusterId != transport.Self.ClusterId || transport.Members is not { } members
            || MemberWire.Read(hello.Members) is not { } question)
        {
            return null;
        }

        var patience = TimeSpan.FromMilliseconds(hello.Members.PatienceMs);
        return transport.Handshake.MembersAnswer(await members(question, patience).ConfigureAwait(false));
    }

    // A member is who the membership says, whatever it calls itself.
    private string SpeakerOf(Hello hello) => hello.Founding?.Name ?? hello.Join?.Name
        ?? transport.Book.Find(new NodeId(hello.FromNodeId))?.Name ?? hello.FromName;

    private void Refuse(ConnectionContext connection, string reason)
    {
        if (transport.Refusals.MayLog())
        {
            Log.PeerRefused(transport.Logger, connection.RemoteEndPoint?.ToString() ?? "unknown", reason);
        }
    }

    /// <summary>The first frame of who dialled; null when it is no hello.</summary>
    internal static async Task<Hello?> ReadHelloAsync(ConnectionContext connection, TimeProvider time, CancellationToken stopped)
    {
        using var timeout = new CancellationTokenSource(HandshakeTimeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, stopped);
        PipeReader input = connection.Transport.Input;
        while (true)
        {
            ReadResult read = await input.ReadAsync(both.Token).ConfigureAwait(false);
            FrameStatus status = PeerFrame.TryRead(read.Buffer, PeerFrame.MaxHandshakeBytes, out ReadOnlySequence<byte> payload);
            if (status == FrameStatus.Complete)
            {
                Hello? hello = Parse(payload);
                input.AdvanceTo(payload.End);
                return hello;
            }

            input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            if (status == FrameStatus.Bad || read.IsCompleted)
            {
                return null;
            }
        }
    }

    private static Hello? Parse(in ReadOnlySequence<byte> payload)
    {
        try
        {
            return Hello.Parser.ParseFrom(payload);
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }

    private async Task ReceiveAsync(ConnectionContext connection, PeerAddress peer)
    {
        PipeReader input = connection.Transport.Input;
        PeerLink? link = transport.Links.FirstOrDefault(link => link.Peer.Id == peer.Id);
        var messages = new List<Message>();
        var payloads = new PayloadStore();
        while (true)
        {
            ReadResult read = await input.ReadAsync(transport.Stopped).ConfigureAwait(false);
            ReadOnlySequence<byte> rest = read.Buffer;
            string? fault = TakeMessages(ref rest, peer, messages, payloads);
            link?.CountReceived(read.Buffer.Length - rest.Length);
            if (messages.Count > 0)
            {
                CountRoundTrips(messages, link);
                transport.TryDeliver(messages, read.Buffer.Length - rest.Length);
                messages.Clear();
            }

            input.AdvanceTo(rest.Start, rest.End);
            if (fault is not null)
            {
                Log.PeerMisbehaved(transport.Logger, peer.Name, fault);
                return;
            }

            if (read.IsCompleted)
            {
                return;
            }
        }
    }

    // An answer echoes when its heartbeat was sent, by this node's clock.
    private void CountRoundTrips(List<Message> messages, PeerLink? link)
    {
        foreach (Message message in messages)
        {
            if (message is HeartbeatResponse { SentAt.Microseconds: > 0 } answer && transport.Clock is { } clock)
            {
                link?.RoundTrips.Record(Math.Max(0, clock.Now - answer.SentAt));
            }
        }
    }

    // Takes every whole frame; null, or why the connection must close.
    private string? TakeMessages(ref ReadOnlySequence<byte> rest, PeerAddress peer, List<Message> messages, PayloadStore payloads)
    {
        while (true)
        {
            switch (PeerFrame.TryRead(rest, PeerFrame.MaxPayloadBytes, out ReadOnlySequence<byte> payload))
            {
                case FrameStatus.Incomplete:
                    return null;
                case FrameStatus.Bad:
                    return "a frame with an impossible length or a wrong checksum.";
            }

            if (!TryDecode(payload, payloads, out Message? message))
            {
                return "a frame that holds no message of this version.";
            }

            if (message!.From != peer.Id || message.To != transport.Self.Id)
            {
                return "a message that is not from it or not for this node.";
            }

            messages.Add(message);
            rest = rest.Slice(payload.End);
        }
    }

    private static bool TryDecode(in ReadOnlySequence<byte> payload, PayloadStore payloads, out Message? message)
    {
        if (payload.IsSingleSegment)
        {
            return MessageCodec.TryDecode(payload.FirstSpan, out message, payloads);
        }

        int length = (int)payload.Length;
        byte[] whole = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            payload.CopyTo(whole);
            return MessageCodec.TryDecode(whole.AsSpan(0, length), out message, payloads);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(whole);
        }
    }
}
