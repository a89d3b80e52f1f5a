using System.Globalization;
using RaftKv.Core.Disk.Device;

namespace RaftKv.Core.Disk.Log;

/// <summary>Sizes and names of the WAL's files. The whole format is drawn in docs/wal-format.md.</summary>
public static class WalFormat
{
    /// <summary>Format version in every segment header.</summary>
    public const uint Version = 1;

    /// <summary>Bytes of the header at the start of a segment.</summary>
    public const int SegmentHeaderBytes = 128;

    /// <summary>Bytes of the header before every record's payload.</summary>
    public const int RecordHeaderBytes = 32;

    /// <summary>Records start at multiples of this.</summary>
    public const int AlignmentBytes = 8;

    /// <summary>
    /// Writes are padded with zeros to multiples of this, so that the kernel never reads a page in order to write it.
    /// </summary>
    public const int PageBytes = 4096;

    /// <summary>Kept free at the end of a segment: the start record of the sealing group, and the seal.</summary>
    public const int SealReserveBytes = 2 * RecordHeaderBytes;

    /// <summary>Largest payload of a record; a length beyond it is not believed.</summary>
    public const int MaxPayloadBytes = 256 * 1024 * 1024;

    private const string SegmentPrefix = "wal-";
    private const string SparePrefix = "wal-spare-";
    private const string SegmentSuffix = ".log";
    private const int SequenceDigits = 16;

    /// <summary>The name of a segment: <c>wal-0000000000000001.log</c>, decimal.</summary>
    public static string SegmentName(ulong sequence) =>
        $"{SegmentPrefix}{sequence.ToString("D16", CultureInfo.InvariantCulture)}{SegmentSuffix}";

    /// <summary>Reads a segment's name.</summary>
    public static bool TryParseSegmentName(string name, out ulong sequence)
    {
        sequence = 0;
        return name.Length == SegmentPrefix.Length + SequenceDigits + SegmentSuffix.Length
            && name.StartsWith(SegmentPrefix, StringComparison.Ordinal)
            && name.EndsWith(SegmentSuffix, StringComparison.Ordinal)
            && ulong.TryParse(
                name.AsSpan(SegmentPrefix.Length, SequenceDigits), NumberStyles.None, CultureInfo.InvariantCulture, out sequence)
            && sequence > 0;
    }

    internal static bool IsSpareName(string name) =>
        name.StartsWith(SparePrefix, StringComparison.Ordinal) && name.EndsWith(TemporaryFiles.Suffix, StringComparison.Ordinal);

    internal static string SpareName(long number) =>
        $"{SparePrefix}{number.ToString(CultureInfo.InvariantCulture)}{TemporaryFiles.Suffix}";

    internal static int Align(int bytes) => (bytes + (AlignmentBytes - 1)) & ~(AlignmentBytes - 1);

    internal static long AlignToPage(long bytes) => (bytes + (PageBytes - 1)) & ~(long)(PageBytes - 1);
}
