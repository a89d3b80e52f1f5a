using System.IO.Pipelines;
using Google.Protobuf;

namespace RaftKv.Doors.Grpc;

/// <summary>
/// Writes the items of a repeated field one by one, and waits for the connection in between: of a large message only a
/// window is in memory beside what it was made of. The bytes are those of the message written in one go.
/// </summary>
internal static class PiecewiseWriter
{
    /// <summary>Below it a message leaves in one go; few are larger.</summary>
    public const int LargeBytes = 256 * 1024;

    /// <summary>As much as a connection takes well at once.</summary>
    public const int WindowBytes = 128 * 1024;

    /// <summary>Writes the field.</summary>
    /// <exception cref="OperationCanceledException">The caller has gone away.</exception>
    public static async ValueTask WriteAsync<T>(PipeWriter body, int fieldNumber, IReadOnlyList<T> items)
        where T : IMessage
    {
        uint tag = WireFormat.MakeTag(fieldNumber, WireFormat.WireType.LengthDelimited);
        int waiting = 0;
        for (int i = 0; i < items.Count; i++)
        {
            waiting += WriteItem(body, tag, items[i]);
            if (waiting >= WindowBytes)
            {
                waiting = 0;
                await PassAsync(body);
            }
        }
    }

    /// <summary>Writes what stands before a message in a field: the field's tag and the message's length.</summary>
    public static void WriteHead(PipeWriter body, int fieldNumber, int length) =>
        WriteHead(body, WireFormat.MakeTag(fieldNumber, WireFormat.WireType.LengthDelimited), length);

    /// <summary>Passes on what was written, and waits for the connection.</summary>
    /// <exception cref="OperationCanceledException">The caller has gone away.</exception>
    public static async ValueTask PassAsync(PipeWriter body)
    {
        FlushResult flushed = await body.FlushAsync();
        if (flushed.IsCompleted || flushed.IsCanceled)
        {
            throw new OperationCanceledException("The caller has gone away.");
        }

        // 1. The first flush starts the answer. 2. A message's writer begins by advancing over nothing. 3. Kestrel
        // refuses any advance between a start and the next request for memory. So memory is asked for first.
        _ = body.GetMemory();
    }

    private static int WriteItem(PipeWriter body, uint tag, IMessage item)
    {
        int length = item.CalculateSize();
        int used = WriteHead(body, tag, length);
        item.WriteTo(body);
        return used + length;
    }

    private static int WriteHead(PipeWriter body, uint tag, int length)
    {
        Span<byte> head = body.GetSpan(2 * sizeof(long));
        int used = WriteVarint(head, tag);
        used += WriteVarint(head[used..], (uint)length);
        body.Advance(used);
        return used;
    }

    private static int WriteVarint(Span<byte> into, uint value)
    {
        int used = 0;
        for (; value >= 0x80; value >>= 7)
        {
            into[used++] = (byte)(value | 0x80);
        }

        into[used++] = (byte)value;
        return used;
    }
}
