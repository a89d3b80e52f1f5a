namespace RaftKv.Core.Store.Commands;

/// <summary>What keys may take: so many, and so many bytes as the store counts them.</summary>
/// <param name="MaxKeys">Live keys; <see cref="KvLimits.NoQuota"/> when they are not limited.</param>
/// <param name="MaxBytes">Bytes of all kept versions with their overhead; <see cref="KvLimits.NoQuota"/> likewise.</param>
public readonly record struct QuotaTerms(long MaxKeys, long MaxBytes);
