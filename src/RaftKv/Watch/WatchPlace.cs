namespace RaftKv.Watch;

/// <summary>What one watch holds in a <see cref="WatchRoom"/>. Guarded by the room, <see cref="CutOff"/> aside.</summary>
public sealed class WatchPlace
{
    /// <summary>
    /// Ends the telling that is under way, from any thread; set before anything is told. Null: it can't be ended, and ends
    /// by itself.
    /// </summary>
    public Action? CutOff { get; set; }

    internal long Bytes { get; set; }

    internal long Since { get; set; }

    internal bool IsCutOff { get; set; }

    internal LinkedListNode<WatchPlace>? Link { get; set; }
}
