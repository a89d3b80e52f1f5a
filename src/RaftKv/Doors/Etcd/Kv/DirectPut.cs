using RaftKv.Core;
using RaftKv.Core.Store.Commands;
using RaftKv.Doors.Grpc;
using Google.Protobuf;
using Proto = RaftKv.Protocol.Etcd;

namespace RaftKv.Doors.Etcd.Kv;

/// <summary>
/// A put as it came: key and value stand in the array that goes into the log, where they belong in it.
/// </summary>
/// <param name="Envelope">The array, free before the key for what a proposal has there; null for a put that came as a message.</param>
internal readonly record struct DirectPut(byte[]? Envelope, PutOp Op)
{
    private const byte KeyTag = (Proto.PutRequest.KeyFieldNumber << 3) | 2;
    private const byte ValueTag = (Proto.PutRequest.ValueFieldNumber << 3) | 2;
    private const byte LeaseTag = Proto.PutRequest.LeaseFieldNumber << 3;
    private const byte PrevKvTag = Proto.PutRequest.PrevKvFieldNumber << 3;
    private const byte IgnoreValueTag = Proto.PutRequest.IgnoreValueFieldNumber << 3;
    private const byte IgnoreLeaseTag = Proto.PutRequest.IgnoreLeaseFieldNumber << 3;

    /// <summary>Reads a put of the usual form: each field once at most, and a key.</summary>
    /// <param name="headroomBytes">What the engine puts before a command.</param>
    public static bool TryParse(ReadOnlySpan<byte> message, int headroomBytes, out DirectPut put)
    {
        put = default;
        ReadOnlySpan<byte> key = default;
        ReadOnlySpan<byte> value = default;
        long lease = 0;
        bool wantsPrevious = false;
        bool keepsValue = false;
        bool keepsLease = false;
        PlainFields fields = new(message);
        while (!fields.IsAtEnd)
        {
            bool isRead = fields.TryReadTag(out byte tag) && tag switch
            {
                KeyTag => fields.TryReadBytes(out key),
                ValueTag => fields.TryReadBytes(out value),
                LeaseTag => fields.TryReadNumber(out lease),
                PrevKvTag => fields.TryReadBool(out wantsPrevious),
                IgnoreValueTag => fields.TryReadBool(out keepsValue),
                IgnoreLeaseTag => fields.TryReadBool(out keepsLease),
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

        int keyAt = headroomBytes + KvCommandCodec.PutHeaderBytes;
        byte[] envelope = new byte[keyAt + key.Length + value.Length];
        key.CopyTo(envelope.AsSpan(keyAt));
        value.CopyTo(envelope.AsSpan(keyAt + key.Length));
        put = new DirectPut(envelope, new PutOp(
            envelope.AsMemory(keyAt, key.Length), envelope.AsMemory(keyAt + key.Length), new LeaseId(lease), wantsPrevious, keepsValue,
            keepsLease));
        return true;
    }

    /// <summary>The message that it came as.</summary>
    public Proto.PutRequest ToRequest() => new()
    {
        Key = ByteString.CopyFrom(Op.Key.Span),
        Value = ByteString.CopyFrom(Op.Value.Span),
        Lease = Op.Lease.Value,
        PrevKv = Op.WantsPrevious,
        IgnoreValue = Op.KeepsValue,
        IgnoreLease = Op.KeepsLease,
    };
}
