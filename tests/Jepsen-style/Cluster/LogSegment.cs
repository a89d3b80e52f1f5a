using System.Buffers.Binary;
using System.Globalization;

namespace RaftKv.JepsenStyle.Cluster;

/// <summary>As much of docs/wal-format.md as is needed to hit a record: where the records of a segment end.</summary>
internal static class LogSegment
{
    private const int HeaderBytes = 128;
    private const int RecordHeaderBytes = 32;

    /// <summary>
    /// Behind the last record that belongs to this life of the file: each names its segment and its own place.
    /// </summary>
    public static long EndOfRecords(string file)
    {
        byte[] bytes = File.ReadAllBytes(file);
        ulong sequence = ulong.Parse(Path.GetFileNameWithoutExtension(file)["wal-".Length..], CultureInfo.InvariantCulture);
        long at = HeaderBytes;
        while (at + RecordHeaderBytes <= bytes.Length)
        {
            ReadOnlySpan<byte> header = bytes.AsSpan((int)at, RecordHeaderBytes);
            uint payload = BinaryPrimitives.ReadUInt32LittleEndian(header[4..]);
            bool isOurs = BinaryPrimitives.ReadUInt32LittleEndian(header[16..]) == (uint)sequence
                && BinaryPrimitives.ReadUInt32LittleEndian(header[20..]) == at / 8;
            long next = at + RecordHeaderBytes + ((payload + 7L) & ~7L);
            if (!isOurs || next > bytes.Length)
            {
                break;
            }

            at = next;
        }

        return at;
    }
}
