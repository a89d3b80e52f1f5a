using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace RaftKv.Storage;

/// <summary>
/// One process per data directory: a lock on its <c>lock</c> file, which holds the owner's pid for people. The kernel
/// drops the lock when the process ends in any way, so a file left behind means nothing.
/// </summary>
internal sealed class DirectoryLock : IDisposable
{
    public const string FileName = "lock";

    private const int MaxPidBytes = 32;

    private readonly SafeFileHandle _handle;

    private DirectoryLock(SafeFileHandle handle) => _handle = handle;

    /// <summary>Takes the lock. Throws <see cref="DataDirectoryException"/> when another process holds it.</summary>
    public static DirectoryLock Acquire(string directory)
    {
        string path = Path.Combine(directory, FileName);
        SafeFileHandle handle = OperatingSystem.IsWindows() ? OpenExclusive(path) : OpenAndLock(path, LibC.LockExclusive);
        RandomAccess.SetLength(handle, 0);
        RandomAccess.Write(handle, Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture) + "\n"), 0);
        return new DirectoryLock(handle);
    }

    /// <summary>Throws when a process holds the lock; for tools that only read.</summary>
    public static void RequireUnused(string directory)
    {
        string path = Path.Combine(directory, FileName);
        if (!File.Exists(path))
        {
            return;
        }

        (OperatingSystem.IsWindows() ? OpenExclusive(path) : OpenAndLock(path, LibC.LockShared)).Dispose();
    }

    public void Dispose() => _handle.Dispose();

    private static SafeFileHandle OpenAndLock(string path, int operation)
    {
        if (!File.Exists(path))
        {
            CreateEmpty(path);
        }

        int descriptor = LibC.Open(path, (operation == LibC.LockShared ? LibC.ReadOnly : LibC.ReadWrite) | LibC.CloseOnExec);
        if (descriptor < 0)
        {
            throw new DataDirectoryException(
                $"{path} can't be opened: {LastError()}."
                + " The directory must be writable by the user who runs the node.");
        }

        var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        if (LibC.Lock(handle, operation | LibC.LockNonBlocking) == 0)
        {
            return handle;
        }

        int error = Marshal.GetLastPInvokeError();
        string owner = ReadOwner(handle);
        handle.Dispose();
        throw error == LibC.WouldBlock
            ? InUse(path, owner)
            : new DataDirectoryException($"{path} can't be locked: {Marshal.GetPInvokeErrorMessage(error)} (errno {error}).");
    }

    private static void CreateEmpty(string path)
    {
        try
        {
            using SafeFileHandle created = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DataDirectoryException($"{path} can't be created: {error.Message}", error);
        }
    }

    private static SafeFileHandle OpenExclusive(string path)
    {
        try
        {
            return File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        }
        catch (IOException error)
        {
            throw new DataDirectoryException(InUse(path, "").Message, error);
        }
    }

    private static DataDirectoryException InUse(string path, string owner) => new(
        $"{Path.GetDirectoryName(path)} is in use by another process{owner}. Two processes on one data directory would destroy it:"
        + " stop the other one, or give this one its own --data-dir.");

    private static string ReadOwner(SafeFileHandle handle)
    {
        Span<byte> bytes = stackalloc byte[MaxPidBytes];
        int count = RandomAccess.Read(handle, bytes, 0);
        string pid = Encoding.ASCII.GetString(bytes[..count]).Trim();
        return pid.Length > 0 && pid.All(char.IsAsciiDigit) ? $" (pid {pid})" : "";
    }

    private static string LastError()
    {
        int error = Marshal.GetLastPInvokeError();
        return $"{Marshal.GetPInvokeErrorMessage(error)} (errno {error})";
    }
}
