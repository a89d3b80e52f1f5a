namespace RaftKv.Core.Store.Tree;

/// <summary>Why a key was deleted. The values are in snapshots and in the state hash.</summary>
public enum DeleteReason : byte
{
    /// <summary>A client deleted it.</summary>
    Deleted = 0,

    /// <summary>Its lease expired.</summary>
    Expired = 1,

    /// <summary>Its lease was revoked.</summary>
    Revoked = 2,
}
