using RaftKv.Node;
using RaftKv.Service.Calls;
using RaftKv.Service.Members;
using RaftKv.Service.Writes;

namespace RaftKv.Service;

/// <summary>
/// What all doors serve: reads by level, writes by concern, sessions, receipts, coordination and watches over one node.
/// It knows no protocol. Any thread.
/// </summary>
internal sealed class KvService
{
    public KvService(INode node, ApiOptions options)
    {
        Context = new NodeContext(node, options);
        Writer = new Writer(Context);
        Members = new MemberDesk(Context);
        HandOver = new HandOverDesk(Context);
    }

    /// <summary>What every call has to do with.</summary>
    public NodeContext Context { get; }

    /// <summary>Where every write goes.</summary>
    public Writer Writer { get; }

    /// <summary>Where the members are changed.</summary>
    public MemberDesk Members { get; }

    /// <summary>Where leadership is handed over, and a node drained.</summary>
    public HandOverDesk HandOver { get; }

    public INode Node => Context.Node;

    public TimeProvider Time => Context.Time;
}
