using Google.Protobuf;

namespace RaftKv.Doors.Etcd.Maintenance.Bolt;

/// <summary>A pair of a bucket; the value's bytes are made when its page is written.</summary>
internal readonly record struct BoltItem(byte[] Key, IMessage Value);
