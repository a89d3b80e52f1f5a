using System.Net.Sockets;
using System.Security.Authentication;
using RaftKv.Core;
using RaftKv.Core.Identity;
using RaftKv.Diagnostics;
using RaftKv.Protocol.Peer;
using RaftKv.Transport;
using FoundingWord = RaftKv.Core.Identity.FoundingWord;

namespace RaftKv.Hosting.Formation;

/// <summary>Another directory, or an address where one may be, and the newest that was said there.</summary>
/// <param name="name">Who must be there; empty for whoever it is.</param>
internal sealed class FoundingPeer(string name, string host, int port, PeerDialer dialer, ILogger logger)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private readonly LogLimiter _strangers = new(TimeProvider.System);
    private readonly PeerAddress _address = new(name, NodeId.None, host, port);

    /// <summary>What was said last; null while nothing was heard.</summary>
    public FoundingWord? Word { get; private set; }

    /// <summary>Further addresses that were told there.</summary>
    public IReadOnlyList<string> Known { get; private set; } = [];

    /// <summary>Whether the last question was answered.</summary>
    public bool HasAnswered { get; private set; }

    /// <summary>What was said is no promise, and who said it does not answer any more: it may be gone for good.</summary>
    public void ForgetIfSilent() => Word = HasAnswered || Word?.Stage != FoundingStage.Open ? Word : null;

    /// <summary>Asks once; without an answer what was said before stays.</summary>
    /// <param name="known">Addresses to tell.</param>
    public async Task AskAsync(FoundingWord own, IReadOnlyCollection<string> known, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(Patience);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        HasAnswered = false;
        try
        {
            using PeerWire wire = await dialer.ConnectAsync(_address, both.Token).ConfigureAwait(false);
            await wire.SendAsync(FoundingWire.Ask(own, known), both.Token).ConfigureAwait(false);
            HelloReply reply = await HandshakeReply.ReceiveAsync(wire, both.Token).ConfigureAwait(false);
            if (FoundingWire.Read(reply.Founding) is { } word)
            {
                wire.DemandProofOf(word.Name);
                Hear(word, [.. reply.Founding.Known]);
            }
        }
        catch (PeerRefusedException refusal)
        {
            // Somebody is there, and is not who the list says.
            if (_strangers.MayLog())
            {
                Log.PeerUnreachable(logger, name.Length > 0 ? name : "peer", _address.Text, refusal.Message);
            }
        }
        catch (Exception failure) when (failure is SocketException or IOException or ObjectDisposedException or AuthenticationException
            || failure is OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            // Not there, or not now: asked again.
        }
    }

    private void Hear(FoundingWord word, IReadOnlyList<string> known)
    {
        if (name.Length == 0 || word.Name == name)
        {
            HasAnswered = true;
            Word = word;
            Known = known;
        }
        else if (_strangers.MayLog())
        {
            Log.FoundingStranger(logger, _address.Text, name, word.Name);
        }
    }
}
