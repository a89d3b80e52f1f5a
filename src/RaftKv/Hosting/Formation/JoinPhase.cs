using System.Net.Sockets;
using System.Security.Authentication;
using System.Text.Json;
using RaftKv.Core;
using RaftKv.Core.Identity;
using RaftKv.Diagnostics;
using RaftKv.Protocol.Peer;
using RaftKv.Storage;
using RaftKv.Transport;
using FoundingSeat = RaftKv.Core.Identity.FoundingSeat;

namespace RaftKv.Hosting.Formation;

/// <summary>
/// An empty directory asks a running cluster for a place, of whoever leads, until it has one or is refused for good. From
/// then on it is a member like any other, and never asks again.
/// </summary>
internal static class JoinPhase
{
    // From the environment only: what stands on a command line, everybody on the machine can read.
    private const string JoinToken = "RAFTKV_JOIN_TOKEN";

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Returns when the directory belongs to the cluster. Throws <see cref="StartRefusedException"/> when it can't.</summary>
    public static async Task RunAsync(
        NodeOptions options, DataDirectory directory, NodeTls tls, ILogger logger, CancellationToken cancellationToken)
    {
        var limiter = new LogLimiter(TimeProvider.System);
        var handler = new SocketsHttpHandler();
        tls.Outgoing.Apply(handler);
        using var http = new HttpClient(handler) { Timeout = Patience };
        if (Environment.GetEnvironmentVariable(JoinToken) is { Length: > 0 } token)
        {
            http.DefaultRequestHeaders.Authorization = new("Bearer", token);
        }

        while (true)
        {
            string problem;
            try
            {
                JoinReply reply = await AskAsync(options, directory.Identity, tls.Dialer, http, cancellationToken).ConfigureAwait(false);
                if (reply.Refusal.Length == 0)
                {
                    Become(directory, reply);
                    return;
                }

                if (!reply.IsRetry)
                {
                    throw new StartRefusedException(reply.Refusal, ExitCode.Member);
                }

                problem = reply.Refusal;
            }
            catch (Exception failure) when (failure is HttpRequestException or SocketException or IOException or JsonException
                or KeyNotFoundException or InvalidOperationException or PeerRefusedException or AuthenticationException
                || (failure is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                problem = failure.Message;
            }

            if (limiter.MayLog())
            {
                Log.JoinWaits(logger, options.Join!, problem);
            }

            await Task.Delay(Pause, cancellationToken).ConfigureAwait(false);
        }
    }

    private static void Become(DataDirectory directory, JoinReply reply) =>
        directory.Become(MemberBy(directory.Identity, reply));

    /// <summary>What a directory becomes by the leader's welcome. Throws <see cref="StartRefusedException"/>.</summary>
    public static DirectoryIdentity MemberBy(DirectoryIdentity own, JoinReply reply)
    {
        FoundingSeat[] seats = FoundingWire.SeatsOf(reply.Roll);
        if (!FoundingRoll.IsSound(seats))
        {
            throw new StartRefusedException("The cluster's answer names nobody who founded it.", ExitCode.Member);
        }

        return own with
        {
            Stage = FoundingStage.Founded,
            NodeId = reply.MemberId == 0 ? own.NodeId : new NodeId(reply.MemberId),
            ClusterId = reply.ClusterId,
            Roll = new FoundingRoll(seats),
            InitialCluster = [.. reply.List],
        };
    }

    private static async Task<JoinReply> AskAsync(
        NodeOptions options, DirectoryIdentity own, PeerDialer dialer, HttpClient http, CancellationToken cancellationToken)
    {
        PeerAddress leader = await FindLeaderAsync(options.Join!, http, cancellationToken).ConfigureAwait(false);
        return await AskAsync(leader, dialer, new JoinRequest
        {
            Name = own.NodeName,
            Instance = own.NodeId.Value,
            PeerUrl = options.AdvertisedPeerUrl,
            Replace = options.Replace ?? "",
        }, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Asks one node once. Throws what a broken connection throws.</summary>
    public static async Task<JoinReply> AskAsync(
        PeerAddress node, PeerDialer dialer, JoinRequest request, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(Patience);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        using PeerWire wire = await dialer.ConnectAsync(node, both.Token).ConfigureAwait(false);
        await wire.SendAsync(FoundingWire.AskToJoin(request), both.Token).ConfigureAwait(false);
        return await ReceiveAsync(wire, both.Token).ConfigureAwait(false);
    }

    private static async Task<PeerAddress> FindLeaderAsync(string join, HttpClient http, CancellationToken cancellationToken)
    {
        byte[] answer = await http.GetByteArrayAsync(new Uri(new Uri(join), "/api/v1/cluster"), cancellationToken).ConfigureAwait(false);
        using JsonDocument cluster = JsonDocument.Parse(answer);
        foreach (JsonElement member in cluster.RootElement.GetProperty("members").EnumerateArray())
        {
            string name = member.GetProperty("name").GetString() ?? "";
            string url = member.GetProperty("peerUrl").GetString() ?? "";
            if (member.GetProperty("leader").GetBoolean() && PeerAddress.Parse(name, new NodeId(1), url) is { } leader)
            {
                return leader;
            }
        }

        throw new InvalidOperationException("the cluster has no leader now");
    }

    private static async Task<JoinReply> ReceiveAsync(PeerWire wire, CancellationToken cancellationToken)
    {
        HelloReply reply = await HandshakeReply.ReceiveAsync(wire, cancellationToken).ConfigureAwait(false);
        return reply.Join ?? new JoinReply { Refusal = "It knows of no joining.", IsRetry = true };
    }
}
