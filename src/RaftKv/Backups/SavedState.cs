using RaftKv.Core.Replica;
using RaftKv.Core.Store;

namespace RaftKv.Backups;

/// <summary>A state of a cluster that was saved, loaded and verified.</summary>
/// <param name="ClusterId">The cluster that it was.</param>
/// <param name="Info">Who belonged to it; the last entry that the file holds.</param>
/// <param name="Store">The state.</param>
/// <param name="Sha256">The file's digest, in hex.</param>
internal sealed record SavedState(ulong ClusterId, SnapshotInfo Info, MvccStore Store, long FileBytes, string Sha256);
