namespace RaftKv.Client;

/// <summary>What a node does when it can't meet the level that was asked.</summary>
public enum UnmetPolicy
{
    /// <summary>Wait until it can, within the call's time.</summary>
    Wait = 0,

    /// <summary>Forward to a node that can.</summary>
    Forward = 1,

    /// <summary>Fail at once.</summary>
    Fail = 2,
}
