using System.Buffers.Binary;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;

namespace RaftKv.Core.Store.Once;

/// <summary>
/// What is kept of a first answer, and what a repeat is told from it. The end of a record:
/// <code>
/// u8 1   the answer (docs/snapshot-format.md)
/// u8 2   u8 status   i64 revision   u64 digest      it was longer than may be kept
/// </code>
/// </summary>
internal static class KeptAnswer
{
    private const byte Whole = 1;
    private const byte Digest = 2;
    private const int DigestBytes = (2 * sizeof(byte)) + (2 * sizeof(long));

    /// <summary>Bytes that a record needs for the answer, of which at most <paramref name="maxAnswerBytes"/> are kept whole.</summary>
    public static int SizeOf(CommandResult answer, long maxAnswerBytes)
    {
        int size = CommandResultCodec.SizeOf(answer);
        return size <= maxAnswerBytes ? sizeof(byte) + size : DigestBytes;
    }

    /// <summary>Writes the answer into <see cref="SizeOf"/> bytes.</summary>
    public static void Write(CommandResult answer, long maxAnswerBytes, Span<byte> target)
    {
        if (CommandResultCodec.SizeOf(answer) <= maxAnswerBytes)
        {
            target[0] = Whole;
            CommandResultCodec.Encode(answer, target[1..]);
            return;
        }

        target[0] = Digest;
        target[1] = (byte)answer.Status;
        BinaryPrimitives.WriteInt64LittleEndian(target[2..], answer.Revision.Value);
        BinaryPrimitives.WriteUInt64LittleEndian(target[10..], AnswerDigest.Of(answer));
    }

    /// <summary>The answer to a repeat.</summary>
    public static CommandResult Read(ReadOnlyMemory<byte> kept)
    {
        if (kept.Span[0] == Whole)
        {
            bool isAnswer = CommandResultCodec.TryDecode(kept[1..], out CommandResult? answer);
            Check.That(isAnswer, "a kept answer can be read", kept.Length, kept.Span[0]);
            return answer! with { IsReplayed = true };
        }

        // A refusal stays one; what it said beyond that is gone.
        CommandStatus first = (CommandStatus)kept.Span[1];
        Revision revision = new(BinaryPrimitives.ReadInt64LittleEndian(kept.Span[2..]));
        return new CommandResult(first == CommandStatus.Ok ? CommandStatus.AnswerNotKept : first, revision)
        {
            IsReplayed = true,
            Digest = BinaryPrimitives.ReadUInt64LittleEndian(kept.Span[10..]),
        };
    }
}
