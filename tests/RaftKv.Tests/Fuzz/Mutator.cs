using System.Text;
using RaftKv.Core;

namespace RaftKv.Tests.Fuzz;

/// <summary>Breaks bytes in a few places. The same seed breaks them alike.</summary>
internal sealed class Mutator(DeterministicRandom random)
{
    private static readonly byte[][] _pieces =
    [
        .. new[]
        {
            "", "\0", "%00", "%", "%zz", "%F0%9F", "-1", "0", "9223372036854775807", "9223372036854775808", "-9223372036854775808",
            "18446744073709551616", "1e999", "0.5", "fffffffffffffffff", "null", "true", "{}", "[]", "{", "[", "\"", "\\ud800", "\\u0000",
            "\r\n", "\r\n\r\n", ":", ",", "=", "&", "?", "#", "//", "/../", "*", ";token=", "*/*", "1h", "-5s", "99999999999999d",
            "Content-Length: 3\r\n", "Transfer-Encoding: chunked\r\n", "Content-Encoding: gzip\r\n", "Expect: 100-continue\r\n",
        }.Select(Encoding.Latin1.GetBytes),
        [0xFF, 0xFE], [0xC0, 0x80], [0x80], [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], [0xFF, 0xFF, 0xFF, 0xFF, 0x0F],
    ];

    /// <summary>The bytes with one to four breaks.</summary>
    public byte[] Break(byte[] valid)
    {
        List<byte> bytes = [.. valid];
        for (int breaks = random.Next(1, 5); breaks > 0; breaks--)
        {
            BreakOnce(bytes);
        }

        return [.. bytes];
    }

    private void BreakOnce(List<byte> bytes)
    {
        int at = random.Next(bytes.Count + 1);
        int length = Math.Min(random.Next(1, 12), bytes.Count - at);
        switch (random.Next(6))
        {
            case 0 when at < bytes.Count:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1 when at < bytes.Count:
                bytes[at] = (byte)random.Next(256);
                break;
            case 2:
                bytes.RemoveRange(at, length);
                break;
            case 3:
                bytes.InsertRange(at, bytes.GetRange(at, length));
                break;
            case 4:
                bytes.InsertRange(at, _pieces[random.Next(_pieces.Length)]);
                break;
            default:
                ReplaceWord(bytes, at);
                break;
        }
    }

    // A whole number, name or value at once: single bytes seldom make another one that is taken.
    private void ReplaceWord(List<byte> bytes, int at)
    {
        int start = at;
        while (start > 0 && IsWord(bytes[start - 1]))
        {
            start--;
        }

        int end = at;
        while (end < bytes.Count && IsWord(bytes[end]))
        {
            end++;
        }

        bytes.RemoveRange(start, end - start);
        bytes.InsertRange(start, _pieces[random.Next(_pieces.Length)]);
    }

    private static bool IsWord(byte b) => char.IsAsciiLetterOrDigit((char)b) || b is (byte)'-' or (byte)'_';
}
