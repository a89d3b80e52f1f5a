namespace RaftKv.Doors.Http.Terms;

/// <summary>What a node does with a read that it can't serve at once.</summary>
public enum UnmetPolicy : byte
{
    /// <summary>Waits until it can, as long as the request's timeout.</summary>
    Wait = 0,

    /// <summary>Refuses at once.</summary>
    Fail = 1,

    /// <summary>Passes the request on to the leader; waits when it knows none.</summary>
    Forward = 2,
}
