using RaftKv.Core;
using RaftKv.Core.Store.Commands;
using RaftKv.Doors.Grpc;
using Proto = RaftKv.Protocol.Etcd;

namespace RaftKv.Doors.Etcd.Kv;

/// <summary>A range as it came, without an order or a filter of its own.</summary>
internal readonly record struct DirectRange(RangeRequest Range, bool IsSerializable)
{
    private const byte KeyTag = (Proto.RangeRequest.KeyFieldNumber << 3) | 2;
    private const byte RangeEndTag = (Proto.RangeRequest.RangeEndFieldNumber << 3) | 2;
    private const byte LimitTag = Proto.RangeRequest.LimitFieldNumber << 3;
    private const byte RevisionTag = Proto.RangeRequest.RevisionFieldNumber << 3;
    private const byte SerializableTag = Proto.RangeRequest.SerializableFieldNumber << 3;
    private const byte KeysOnlyTag = Proto.RangeRequest.KeysOnlyFieldNumber << 3;
    private const byte CountOnlyTag = Proto.RangeRequest.CountOnlyFieldNumber << 3;

    /// <summary>Reads a range of the usual form: each field once at most, and a key.</summary>
    public static bool TryParse(ReadOnlySpan<byte> message, out DirectRange range)
    {
        range = default;
        ReadOnlySpan<byte> key = default;
        ReadOnlySpan<byte> rangeEnd = default;
        long limit = 0;
        long revision = 0;
        bool isSerializable = false;
        bool isKeysOnly = false;
        bool isCountOnly = false;
        PlainFields fields = new(message);
        while (!fields.IsAtEnd)
        {
            bool isRead = fields.TryReadTag(out byte tag) && tag switch
            {
                KeyTag => fields.TryReadBytes(out key),
                RangeEndTag => fields.TryReadBytes(out rangeEnd),
                LimitTag => fields.TryReadNumber(out limit),
                RevisionTag => fields.TryReadNumber(out revision),
                SerializableTag => fields.TryReadBool(out isSerializable),
                KeysOnlyTag => fields.TryReadBool(out isKeysOnly),
                CountOnlyTag => fields.TryReadBool(out isCountOnly),
                _ => false,
            };
            if (!isRead)
            {
                return false;
            }
        }

        if (key.IsEmpty)
        {
            return false;
        }

        byte[] keys = [.. key, .. rangeEnd];
        range = new DirectRange(
            new RangeRequest
            {
                Keys = RangeMapping.KeysOf(keys.AsMemory(0, key.Length), keys.AsMemory(key.Length)),
                Revision = new Revision(revision),
                Limit = RangeMapping.LimitOf(limit),
                IsKeysOnly = isKeysOnly,
                IsCountOnly = isCountOnly,
            },
            isSerializable);
        return true;
    }
}
