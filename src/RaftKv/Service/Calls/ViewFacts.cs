using System.Globalization;
using RaftKv.Core.Reads;
using RaftKv.Core;
using RaftKv.Core.Store;
using RaftKv.Engine;
using RaftKv.Node;
using RaftKv.Service.Sessions;
using RaftKv.Service.Vocabulary;

namespace RaftKv.Service.Calls;

/// <summary>
/// The header texts of one published view and one status. Both change far less often than requests come, so the texts
/// are made once and shared by every answer from them.
/// </summary>
internal sealed class ViewFacts
{
    private string? _session;

    public ViewFacts(INode node, StoreView view, EngineStatus status)
    {
        View = view;
        Status = status;
        Revision = view.Revision.ToString();
        AppliedIndex = view.AppliedIndex.Value.ToString(CultureInfo.InvariantCulture);
        Term = status.Term.ToString();
        Role = NodeNames.RoleOf(status);
        Leader = status.Leader.IsNone ? null : NodeNames.NameOf(node, status.Leader);
    }

    /// <summary>The view that the texts describe.</summary>
    public StoreView View { get; }

    /// <summary>The status that the texts describe.</summary>
    public EngineStatus Status { get; }

    public string Revision { get; }

    public string AppliedIndex { get; }

    public string Term { get; }

    public string Role { get; }

    /// <summary>Name of the leader, its id when it has no known name, null when nobody leads.</summary>
    public string? Leader { get; }

    /// <summary>The token of one who has read this view and nothing else. Signed once, by whoever needs it first.</summary>
    public string SessionOf(SessionTokens tokens) => _session ??= tokens.Encode(new SessionMark(View.Revision, Core.Revision.Zero));
}
