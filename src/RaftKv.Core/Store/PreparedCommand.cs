using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Work;

namespace RaftKv.Core.Store;

/// <summary>A command's bytes, decoded and weighed, and not yet applied. Nothing has changed by it.</summary>
internal readonly struct PreparedCommand
{
    /// <summary>A plain put, the usual case.</summary>
    public PreparedCommand(ReadOnlyMemory<byte> bytes, in PutParts put, long extra)
    {
        (Bytes, Put, IsPlainPut) = (bytes, put, true);
        Piece = WorkMeter.PerWrite + WorkMeter.OfWrite(bytes.Length);
        Weight = Piece + CommandWeight.ForCompaction + extra;
    }

    /// <summary>Any other one; null for bytes that are none.</summary>
    public PreparedCommand(ReadOnlyMemory<byte> bytes, KvCommand? command, long weight, long piece)
    {
        (Bytes, Command, Weight, Piece) = (bytes, command, weight, piece);
    }

    /// <summary>The command as it stands in the log.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>The put, if it is a plain one.</summary>
    public PutParts Put { get; }

    /// <summary>True for a put of a plain kind.</summary>
    public bool IsPlainPut { get; }

    /// <summary>What to run, if it is no plain put; null for malformed bytes.</summary>
    public KvCommand? Command { get; }

    /// <summary>Units of work that it takes at most, the bytes of versions that compaction drops by the way aside.</summary>
    public long Weight { get; }

    /// <summary>Units of the first piece of its work, which is never cut.</summary>
    public long Piece { get; }
}
