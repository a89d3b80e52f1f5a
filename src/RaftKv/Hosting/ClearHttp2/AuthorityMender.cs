using System.Text;

namespace RaftKv.Hosting.ClearHttp2;

/// <summary>
/// Some gRPC clients (etcdctl 3.4 with --cluster) send a whole URL as :authority, <c>http://127.0.0.1:2379</c>. The web
/// server resets such a stream, as the standard has it; etcd doesn't. So the scheme's punctuation is overwritten, in
/// place and with as many bits, by letters that a host may have: no length changes, and both ends' header tables stay
/// the same. Pure.
/// </summary>
internal static class AuthorityMender
{
    // The first entry of HPACK's static table.
    private const int AuthorityIndex = 1;

    // In the code of RFC 7541, appendix B: ':' 1011100, '/' 011000, '/' 011000, and of the same lengths 'j' 1110100,
    // '-' 010110, '-' 010110.
    private const int PunctuationBits = 19;
    private const uint Punctuation = 0b1011100_011000_011000;
    private const uint Replacement = 0b1110100_010110_010110;

    // 'h' 100111, 't' 01001, 't' 01001, 'p' 101011; and then 's' 01000.
    private const int HttpBits = 22;
    private const uint Http = 0b100111_01001_01001_101011;
    private const int LetterSBits = 5;
    private const uint LetterS = 0b01000;

    /// <summary>Mends the block of one HEADERS frame; true when there was something to mend.</summary>
    /// <remarks>What is no header block is left as it is: the web server says what is wrong with it.</remarks>
    public static bool TryMend(Span<byte> block)
    {
        int at = 0;
        while (at < block.Length)
        {
            byte first = block[at];
            int prefixBits = (first & 0x80) != 0 ? 7 : (first & 0x40) != 0 ? 6 : (first & 0x20) != 0 ? 5 : 4;
            bool hasValue = (first & 0x80) == 0 && (first & 0xE0) != 0x20;
            if (!TryReadInteger(block, ref at, prefixBits, out int index))
            {
                return false;
            }

            if (!hasValue)
            {
                continue;
            }

            if (index == 0 && !TryReadString(block, ref at, out _, out _))
            {
                return false;
            }

            if (!TryReadString(block, ref at, out Range value, out bool isHuffman))
            {
                return false;
            }

            if (index == AuthorityIndex)
            {
                return isHuffman ? TryMendHuffman(block[value]) : TryMendPlain(block[value]);
            }
        }

        return false;
    }

    private static bool TryMendPlain(Span<byte> value)
    {
        int colon = value.StartsWith("http://"u8) ? 4 : value.StartsWith("https://"u8) ? 5 : -1;
        if (colon < 0)
        {
            return false;
        }

        Encoding.ASCII.GetBytes("j--", value[colon..]);
        return true;
    }

    private static bool TryMendHuffman(Span<byte> value)
    {
        if (ReadBits(value, 0, HttpBits) != Http)
        {
            return false;
        }

        int at = ReadBits(value, HttpBits, LetterSBits) == LetterS ? HttpBits + LetterSBits : HttpBits;
        if (ReadBits(value, at, PunctuationBits) != Punctuation)
        {
            return false;
        }

        for (int i = 0; i < PunctuationBits; i++)
        {
            int mask = 0x80 >> ((at + i) % 8);
            bool isSet = (Replacement >> (PunctuationBits - 1 - i) & 1) != 0;
            ref byte target = ref value[(at + i) / 8];
            target = (byte)(isSet ? target | mask : target & ~mask);
        }

        return true;
    }

    // Bits beyond the end count as ones, which is how the code is filled up.
    private static uint ReadBits(ReadOnlySpan<byte> bytes, int from, int count)
    {
        uint bits = 0;
        for (int i = from; i < from + count; i++)
        {
            bool isSet = i / 8 >= bytes.Length || (bytes[i / 8] & (0x80 >> (i % 8))) != 0;
            bits = (bits << 1) | (isSet ? 1u : 0u);
        }

        return bits;
    }

    private static bool TryReadString(ReadOnlySpan<byte> block, ref int at, out Range content, out bool isHuffman)
    {
        content = default;
        isHuffman = at < block.Length && (block[at] & 0x80) != 0;
        if (!TryReadInteger(block, ref at, prefixBits: 7, out int length) || length > block.Length - at)
        {
            return false;
        }

        content = at..(at + length);
        at += length;
        return true;
    }

    private static bool TryReadInteger(ReadOnlySpan<byte> block, ref int at, int prefixBits, out int value)
    {
        value = 0;
        if (at >= block.Length)
        {
            return false;
        }

        int max = (1 << prefixBits) - 1;
        value = block[at++] & max;
        if (value < max)
        {
            return true;
        }

        // Three more bytes reach beyond any frame that is taken here.
        for (int shift = 0; shift <= 14; shift += 7)
        {
            if (at >= block.Length)
            {
                return false;
            }

            byte next = block[at++];
            value += (next & 0x7F) << shift;
            if ((next & 0x80) == 0)
            {
                return true;
            }
        }

        return false;
    }
}
