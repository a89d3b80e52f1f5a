namespace RaftKv.Core.Store.Once;

/// <summary>One client session, as the applying thread sees it. What is in it is also in its records.</summary>
internal sealed class ClientSession(ClientSessionId id, ReadOnlyMemory<byte> principal)
{
    /// <summary>Its id.</summary>
    public ClientSessionId Id { get; } = id;

    /// <summary>Who opened it; only they may use it.</summary>
    public ReadOnlyMemory<byte> Principal { get; } = principal;

    /// <summary>The last entry that used it.</summary>
    public LogIndex LastUse { get; set; }

    /// <summary>The client has done with every number up to this one.</summary>
    public long Floor { get; set; }

    /// <summary>Answers that are kept, all above the floor.</summary>
    public int AnswerCount { get; set; }

    /// <summary>Bytes of them.</summary>
    public long AnswerBytes { get; set; }
}
