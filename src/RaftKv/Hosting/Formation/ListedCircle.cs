using RaftKv.Core.Identity;
using RaftKv.Transport;

namespace RaftKv.Hosting.Formation;

/// <summary>The directories of a cluster list: each is known by name and address from the first.</summary>
internal sealed class ListedCircle : FoundingCircle
{
    private readonly string[] _names;
    private readonly List<FoundingPeer> _peers;

    /// <summary>The others of the list.</summary>
    public ListedCircle(NodeOptions options, PeerDialer dialer, ILogger logger)
    {
        NamedUrl[] others = [.. options.Cluster.Where(member => member.Name != options.Name)];
        _names = [options.Name, .. others.Select(static member => member.Name)];
        _peers = [.. others.Select(member =>
        {
            ServerUrl url = options.PeerRoutes.FirstOrDefault(route => route.Name == member.Name)?.Url ?? member.Url;
            return new FoundingPeer(member.Name, url.Host, url.Port, dialer, logger);
        })];
    }

    private FoundingWord[] Heard => [.. _peers.Select(static peer => peer.Word).OfType<FoundingWord>()];

    /// <inheritdoc/>
    public override FoundingStep Next(FoundingWord own) => FoundingRules.Next(own, _names, Heard);

    /// <inheritdoc/>
    public override Task AskAsync(FoundingWord said, CancellationToken cancellationToken) =>
        Task.WhenAll(_peers.Select(peer => peer.AskAsync(said, [], cancellationToken)));

    /// <inheritdoc/>
    public override string WaitsFor(FoundingStep.Wait wait, FoundingWord own) =>
        FormationTexts.WaitsFor(wait.Missing, Array.Find(Heard, word => word.Name == wait.Missing), own);

    /// <inheritdoc/>
    public override string TextOf(FoundingStep.Refuse refusal, FoundingWord own, string path) => FormationTexts.Of(refusal, own, path);
}
