using RaftKv.Core;
using RaftKv.Core.Messages;

namespace RaftKv.Node;

/// <summary>
/// The network, a real seam: the server has TCP behind it, tests have memory. Messages to one peer arrive in order or
/// not at all; Raft makes up for loss.
/// </summary>
internal interface ITransport : IAsyncDisposable
{
    /// <summary>Starts to connect and to hand over what arrives.</summary>
    /// <param name="receive">Takes messages of a peer and about how many bytes they were; called on any thread, never
    /// blocks.</param>
    void Start(Action<IReadOnlyList<Message>, long> receive);

    /// <summary>
    /// Sends, without ever blocking; what can't be sent is dropped. Loop thread only; the list is the caller's again on
    /// return.
    /// </summary>
    void Send(List<Message> messages);

    /// <summary>The client address that a peer has told us; null when unknown. Any thread.</summary>
    string? ClientUrlOf(NodeId peer);

    /// <summary>Asks a member about the members; null when it did not answer in time. Any thread.</summary>
    Task<MemberAnswer?> AskAsync(NodeId peer, MemberQuestion question, TimeSpan patience, CancellationToken cancellationToken) =>
        Task.FromResult<MemberAnswer?>(null);
}
