namespace RaftKv.Doors.JsonGateway.Json;

/// <summary>Base64 as Go's StdEncoding takes it: padded, newlines ignored, and errors that name the input byte.</summary>
internal static class GoBase64
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    /// <summary>Decodes.</summary>
    public static byte[] Decode(string text)
    {
        var decoded = new List<byte>((text.Length / 4 * 3) + 3);
        int at = 0;
        Span<int> quantum = stackalloc int[4];
        while (true)
        {
            int count = 0;
            while (count < 4)
            {
                SkipNewlines(text, ref at);
                if (at == text.Length)
                {
                    return count == 0 ? [.. decoded] : throw Corrupt(at - count);
                }

                if (text[at] == '=')
                {
                    break;
                }

                quantum[count] = Alphabet.IndexOf(text[at]);
                if (quantum[count] < 0)
                {
                    throw Corrupt(at);
                }

                at++;
                count++;
            }

            if (count == 4)
            {
                Put(decoded, quantum, 3);
                continue;
            }

            EndPadding(text, at, count);
            quantum[count..].Clear();
            Put(decoded, quantum, count - 1);
            return [.. decoded];
        }
    }

    private static void EndPadding(string text, int at, int count)
    {
        if (count < 2)
        {
            throw Corrupt(at);
        }

        at++;
        SkipNewlines(text, ref at);
        if (count == 2)
        {
            if (at == text.Length)
            {
                throw Corrupt(text.Length);
            }

            if (text[at] != '=')
            {
                throw Corrupt(at - 1);
            }

            at++;
            SkipNewlines(text, ref at);
        }

        if (at < text.Length)
        {
            throw Corrupt(at);
        }
    }

    private static void Put(List<byte> decoded, ReadOnlySpan<int> quantum, int count)
    {
        int bits = (quantum[0] << 18) | (quantum[1] << 12) | (quantum[2] << 6) | quantum[3];
        for (int i = 0; i < count; i++)
        {
            decoded.Add((byte)(bits >> (16 - (8 * i))));
        }
    }

    private static void SkipNewlines(string text, ref int at)
    {
        while (at < text.Length && text[at] is '\r' or '\n')
        {
            at++;
        }
    }

    private static GoJsonException Corrupt(int at) => new($"illegal base64 data at input byte {at}");
}
