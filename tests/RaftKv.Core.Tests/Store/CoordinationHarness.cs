using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;

namespace RaftKv.Core.Tests.Store;

/// <summary>Short words for leases and locks.</summary>
internal static class CoordinationHarness
{
    public static CommandResult Grant(this StoreHarness store, long lease, long ttlMs = 10_000) =>
        store.Apply(new GrantLeaseCommand(new LeaseId(lease), ttlMs));

    public static CommandResult Lock(
        this StoreHarness store, string name, long lease, LockMode mode = LockMode.Exclusive, long ttlMs = 0, bool isTry = false,
        int maxQueue = KvLimits.DefaultLockQueue) =>
        store.Run(new AcquireOp(
            LockKind.Lock, StoreHarness.Bytes(name), mode, new LeaseId(lease), StoreHarness.Bytes("who"), IsTry: isTry, TtlMs: ttlMs,
            MaxQueue: maxQueue));

    public static CommandResult Semaphore(this StoreHarness store, string name, long lease, int limit, bool isTry = false) =>
        store.Run(new AcquireOp(
            LockKind.Semaphore, StoreHarness.Bytes(name), LockMode.Counted, new LeaseId(lease), StoreHarness.Bytes("who"), limit, isTry));
}
