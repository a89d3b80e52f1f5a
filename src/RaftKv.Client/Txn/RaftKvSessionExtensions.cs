namespace RaftKv.Client;

/// <summary>Txns of a session.</summary>
public static class RaftKvSessionExtensions
{
    /// <summary>Begins a txn in the session.</summary>
    public static TxnBuilder Txn(this RaftKvSession session)
    {
        ArgumentNullException.ThrowIfNull(session);
        return new(session.Core, new WriteOptions { Session = session });
    }
}
