using RaftKv.Service.Watches;

namespace RaftKv.Doors.Etcd.Watches;

/// <summary>
/// What a watch is to be told: changes, that it can't go on, or, when all was told and it was silent for long, how far it is.
/// </summary>
/// <param name="Flow">The watch.</param>
/// <param name="Step">What its read came upon.</param>
/// <param name="Batch">What it read; null when there is nothing to read from.</param>
internal readonly record struct WatchTelling(WatchFlow Flow, FeedStep Step, ChangeBatch? Batch);
