namespace RaftKv.Simulation.Reach;

/// <summary>Knows every state, so that one which was never met is shown with 0.</summary>
internal static class ReachCatalogue
{
    public static IReadOnlyList<ReachState> All { get; } = Number(
        ElectionReach.Theme, VoteReach.Theme, TransferReach.Theme, ReplicationReach.Theme, ProposalReach.Theme, ReadReach.Theme,
        SnapshotReach.Theme, CrashReach.Theme, RecoveryReach.Theme, LeaseReach.Theme, LockReach.Theme, OnceReach.Theme, StoreReach.Theme,
        WatchReach.Theme, CallReach.Theme, VersionReach.Theme, SliceReach.Theme, MemberReach.Theme, RestoreReach.Theme);

    private static List<ReachState> Number(params ReadOnlySpan<ReachTheme> themes)
    {
        var all = new List<ReachState>();
        foreach (ReachTheme theme in themes)
        {
            foreach (ReachState state in theme.States)
            {
                state.Place = all.Count;
                all.Add(state);
            }
        }

        return all;
    }
}
