using RaftKv.Core;

namespace RaftKv.Doors.Etcd.Calls;

/// <summary>What stands in the head of an answer.</summary>
internal readonly record struct EtcdHead(ulong ClusterId, ulong MemberId, Revision Revision, ulong RaftTerm);
