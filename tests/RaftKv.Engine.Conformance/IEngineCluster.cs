namespace RaftKv.Engine.Conformance;

/// <summary>A cluster of one kind of engine, in this process or not, as the conformance tests handle it.</summary>
public interface IEngineCluster : IAsyncDisposable
{
    /// <summary>A running engine; indexes count from 0.</summary>
    IEngine this[int index] { get; }

    /// <summary>Starts one that is stopped, on what its disk holds.</summary>
    void Start(int index);

    /// <summary>Ends one; its disk stays.</summary>
    Task StopAsync(int index);

    /// <summary>
    /// Ends one as a loss of power does: at once, and of what its disk was not told to sync any part may be gone.
    /// </summary>
    Task CutPowerAsync(int index);

    /// <summary>Nothing reaches it, and nothing of it reaches the others.</summary>
    void CutOff(int index);

    /// <summary>Takes <see cref="CutOff"/> back.</summary>
    void Mend(int index);

    /// <summary>Waits for a leader that a quorum confirms; its index.</summary>
    Task<int> LeaderAsync();
}
