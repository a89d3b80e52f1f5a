using Google.Protobuf;
using RaftKv.Protocol.Etcd;

namespace RaftKv.Tests.Fuzz;

/// <summary>Valid calls of the gRPC door: the path and the messages.</summary>
internal static class GrpcCorpus
{
    private static readonly ByteString _key = ByteString.CopyFromUtf8("fuzz");

    public static readonly (string Path, IMessage Message)[] Calls =
    [
        ("/etcdserverpb.KV/Put", new PutRequest { Key = _key, Value = _key, Lease = 7, PrevKv = true }),
        ("/etcdserverpb.KV/Range", new RangeRequest
        {
            Key = _key, RangeEnd = ByteString.CopyFromUtf8("g"), Limit = 3, Revision = 2, SortOrder = RangeRequest.Types.SortOrder.Descend,
            SortTarget = RangeRequest.Types.SortTarget.Mod, MinModRevision = 1, MaxCreateRevision = 9,
        }),
        ("/etcdserverpb.KV/RangeStream", new RangeRequest
        {
            Key = _key, RangeEnd = ByteString.CopyFromUtf8("g"), Limit = 3, Revision = 2, KeysOnly = true, MaxModRevision = 9,
        }),
        ("/etcdserverpb.KV/DeleteRange", new DeleteRangeRequest { Key = _key, RangeEnd = _key, PrevKv = true }),
        ("/etcdserverpb.KV/Txn", new TxnRequest
        {
            Compare = { new Compare { Key = _key, Target = Compare.Types.CompareTarget.Version, Version = 1 } },
            Success = { new RequestOp { RequestPut = new PutRequest { Key = _key, Value = _key } } },
            Failure =
            {
                new RequestOp
                {
                    RequestTxn = new TxnRequest
                    {
                        Success = { new RequestOp { RequestRange = new RangeRequest { Key = _key, Revision = 5 } } },
                    },
                },
            },
        }),
        ("/etcdserverpb.KV/Compact", new CompactionRequest { Revision = 2 }),
        ("/etcdserverpb.Watch/Watch", new WatchRequest
        {
            CreateRequest = new WatchCreateRequest
            {
                Key = _key, RangeEnd = ByteString.CopyFromUtf8("g"), StartRevision = 1, PrevKv = true, ProgressNotify = true, WatchId = 3,
                Fragment = true, Filters = { WatchCreateRequest.Types.FilterType.Noput },
            },
        }),
        ("/etcdserverpb.Watch/Watch", new WatchRequest { CancelRequest = new WatchCancelRequest { WatchId = 3 } }),
        ("/etcdserverpb.Lease/LeaseGrant", new LeaseGrantRequest { ID = 7, TTL = 60 }),
        ("/etcdserverpb.Lease/LeaseRevoke", new LeaseRevokeRequest { ID = 8 }),
        ("/etcdserverpb.Lease/LeaseKeepAlive", new LeaseKeepAliveRequest { ID = 7 }),
        ("/etcdserverpb.Lease/LeaseTimeToLive", new LeaseTimeToLiveRequest { ID = 7, Keys = true }),
        ("/etcdserverpb.Maintenance/HashKV", new HashKVRequest { Revision = 2 }),
        ("/etcdserverpb.Maintenance/MoveLeader", new MoveLeaderRequest { TargetID = 3 }),
        ("/etcdserverpb.Maintenance/Alarm", new AlarmRequest { Action = AlarmRequest.Types.AlarmAction.Deactivate, MemberID = 1 }),
        ("/etcdserverpb.Maintenance/Downgrade", new DowngradeRequest { Version = "3.6.0" }),
        ("/etcdserverpb.Cluster/MemberList", new MemberListRequest { Linearizable = true }),
    ];
}
