namespace RaftKv.Service.Reads;

/// <summary>
/// Ends the handling of a read here: it goes on at the leader, and the leader's answer is this node's. Thrown before
/// anything is sent, and caught at the top of the API only.
/// </summary>
internal sealed class ForwardingException(Uri leader) : Exception("The read is passed on to the leader.")
{
    /// <summary>The client address of the leader.</summary>
    public Uri Leader { get; } = leader;
}
