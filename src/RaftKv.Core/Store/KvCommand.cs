namespace RaftKv.Core.Store;

/// <summary>What a log entry asks of the store; a closed set.</summary>
public abstract record KvCommand;

/// <summary>
/// Runs one operation, a <see cref="TxnOp"/> included. When <paramref name="Guard"/> is set and false, nothing happens
/// and the answer is <see cref="CommandStatus.GuardFailed"/> with the key's present pair: this is If-Match and
/// If-None-Match.
/// </summary>
public sealed record MutateCommand(KvOp Op, Compare? Guard = null) : KvCommand;

/// <summary>Forgets versions that no read at or after this revision can see.</summary>
public sealed record CompactCommand(Revision Revision) : KvCommand;

/// <summary>
/// Sets the secret that the cluster's nodes share. The first one applied stays for ever; a later one is answered
/// <see cref="CommandStatus.AlreadySet"/>.
/// </summary>
/// <param name="Key"><see cref="KvLimits.ClusterKeyBytes"/> random bytes, drawn by the host.</param>
public sealed record SetClusterKeyCommand(ReadOnlyMemory<byte> Key) : KvCommand;
