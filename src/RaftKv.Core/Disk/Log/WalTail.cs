using RaftKv.Core.Disk.Device;

namespace RaftKv.Core.Disk.Log;

/// <summary>What a start does to the end of the last segment before anything new is written.</summary>
internal static class WalTail
{
    /// <summary>
    /// Danger: 1. The sync of group g fails; the kernel tells of it once, counts g's pages as clean, and the process
    /// ends. 2. The next process reads g from the page cache, and its own sync has nothing to write and succeeds. 3. It
    /// appends g + 1. 4. The power goes: g is not there, g + 1 is, and the node refuses to start for ever. So the only
    /// group whose sync may have failed is written again. See WalCrashTests.
    /// </summary>
    public static void RewriteLastGroup(IStorageFile file, WalContents contents)
    {
        byte[] bytes = new byte[contents.TailOffset - contents.LastGroupOffset];
        int done = 0;
        while (done < bytes.Length)
        {
            int count = file.Read(contents.LastGroupOffset + done, bytes.AsSpan(done));
            Check.That(count > 0, "the last group is there to be read again", contents.LastGroupOffset + done, contents.TailOffset);
            done += count;
        }

        file.Write(contents.LastGroupOffset, bytes);
    }

    /// <summary>Cuts a torn tail: zeros over whatever is there.</summary>
    public static void ZeroFrom(IStorageFile file, long from, long end)
    {
        byte[] chunk = new byte[64 * 1024];
        byte[] zeros = new byte[chunk.Length];
        while (from < end)
        {
            Span<byte> bytes = chunk.AsSpan(0, (int)Math.Min(chunk.Length, end - from));
            int count = file.Read(from, bytes);
            Check.That(count > 0, "a segment is as long as its header says", from, end);
            if (bytes[..count].IndexOfAnyExcept((byte)0) >= 0)
            {
                file.Write(from, zeros.AsSpan(0, count));
            }

            from += count;
        }
    }
}
