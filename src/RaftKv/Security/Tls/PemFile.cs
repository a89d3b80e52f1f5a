using System.Security.Cryptography;
using System.Text;

namespace RaftKv.Security.Tls;

/// <summary>A PEM file, read whole. Whoever writes one may be in the middle of it: what has no end is not taken.</summary>
internal static class PemFile
{
    // A bundle of all the roots that an operating system trusts is a quarter of this.
    private const int MaxBytes = 1024 * 1024;

    /// <summary>The bytes. Throws <see cref="TlsFilesException"/> when they can't be read, or are too many.</summary>
    public static byte[] Read(string path)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            if (file.Length > MaxBytes)
            {
                throw new TlsFilesException($"{path} has {file.Length} bytes; a file of certificates has {MaxBytes} at most.");
            }

            byte[] bytes = new byte[file.Length];
            file.ReadExactly(bytes);
            return bytes;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new TlsFilesException($"Can't read {path}: {failure.Message}");
        }
    }

    /// <summary>
    /// The text, when every block in it is whole. Throws <see cref="TlsFilesException"/> when one has no end, or none has
    /// that label.
    /// </summary>
    /// <param name="label">What stands behind BEGIN, or the end of it: "CERTIFICATE", "PRIVATE KEY".</param>
    public static string Text(string path, byte[] bytes, string label)
    {
        string text = Encoding.ASCII.GetString(bytes);
        int blocks = 0;
        int found = 0;
        ReadOnlySpan<char> rest = text;
        while (PemEncoding.TryFind(rest, out PemFields fields))
        {
            blocks++;
            found += rest[fields.Label].EndsWith(label, StringComparison.Ordinal) ? 1 : 0;
            rest = rest[fields.Location.End..];
        }

        if (blocks != Count(text, "-----BEGIN ") || blocks != Count(text, "-----END "))
        {
            throw new TlsFilesException($"{path} ends in the middle of a block, or has a damaged one.");
        }

        return found > 0 ? text : throw new TlsFilesException($"{path} has no block \"{label}\"; a PEM file is needed.");
    }

    private static int Count(string text, string part)
    {
        int count = 0;
        for (int at = text.IndexOf(part, StringComparison.Ordinal); at >= 0; at = text.IndexOf(part, at + 1, StringComparison.Ordinal))
        {
            count++;
        }

        return count;
    }
}
