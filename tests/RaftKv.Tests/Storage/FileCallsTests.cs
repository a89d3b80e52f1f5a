using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using RaftKv.Core.Disk.Device;
using RaftKv.Storage;

namespace RaftKv.Tests.Storage;

/// <summary>
/// The calls of every system that can be made on this one: Windows' are .NET's own, which run anywhere.
/// </summary>
public sealed class FileCallsTests
{
    /// <summary>Of the C library; not on Windows.</summary>
    private const string Posix = "posix";

    /// <summary>Of .NET.</summary>
    private const string Managed = "managed";

    public static TheoryData<string> All => OperatingSystem.IsWindows() ? [Managed] : [Posix, Managed];

    [Theory]
    [MemberData(nameof(All))]
    public void What_is_written_and_synced_is_there_under_the_name_that_it_got(string kind)
    {
        using var directory = new TemporaryDirectory();
        IFileCalls calls = CallsOf(kind);
        using (SafeFileHandle file = calls.Create(directory.File("a")))
        {
            calls.Allocate(file, 4096);
            Assert.Equal(5, calls.Write(file, "hello"u8, 3));
            Assert.Equal(0, calls.WriteBack(file, 0, 3, 5));
            Assert.Equal(0, calls.SetLength(file, 8));
            Assert.Equal(0, calls.Sync(file, isDataOnly: true));
            Assert.Equal(0, calls.Sync(file, isDataOnly: false));
        }

        File.WriteAllText(directory.File("b"), "older");
        Assert.Equal(0, calls.Rename(directory.File("a"), directory.File("b")));
        Assert.Equal(0, calls.SyncDirectory(directory.Path));

        Assert.Equal("\0\0\0hello"u8, File.ReadAllBytes(directory.File("b")).AsSpan());
        Assert.False(File.Exists(directory.File("a")));
        Assert.Equal(0, calls.Delete(directory.File("b")));
        Assert.Empty(Directory.EnumerateFiles(directory.Path));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_failure_is_a_negative_result_with_the_systems_number_and_no_interrupt(string kind)
    {
        using var directory = new TemporaryDirectory();
        IFileCalls calls = CallsOf(kind);

        Assert.Throws<FileNotFoundException>(() => calls.Open(directory.File("none"), isReadOnly: true));
        AssertFails(() => calls.Delete(directory.File("none")));
        AssertFails(() => calls.Rename(directory.File("none"), directory.File("other")));
        File.WriteAllText(directory.File("taken"), "");
        Assert.ThrowsAny<IOException>(() => calls.Create(directory.File("taken")));
        Assert.Equal(kind == Posix, calls.SyncDirectory(directory.File("none")) < 0);
    }

    [Fact]
    public void A_number_of_windows_is_never_taken_for_an_interrupt_after_which_a_sync_is_repeated()
    {
        const int TooManyOpenFiles = unchecked((int)0x80070004);

        Assert.NotEqual(LibC.Interrupted, ManagedFileCalls.NumberOf(new IOException("", TooManyOpenFiles)));
        Assert.Equal(112, ManagedFileCalls.NumberOf(new IOException("disk full", unchecked((int)0x80070070))));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_device_over_them_keeps_its_promises(string kind)
    {
        using var directory = new TemporaryDirectory();
        var device = new FileStorageDevice(directory.Path, CallsOf(kind));
        using (IStorageFile file = device.Create("a", 100_000))
        {
            file.Write(99_998, "end"u8);
            file.SetLength(100_001);
            file.Sync();
        }

        device.Rename("a", "b");
        device.SyncDirectory();
        using (IStorageFile file = device.Open("b", isReadOnly: true))
        {
            byte[] bytes = new byte[4];
            Assert.Equal(4, file.Read(99_997, bytes));
            Assert.Equal("\0end"u8, bytes.AsSpan());
        }

        StorageFailedException failed = Assert.Throws<StorageFailedException>(() => device.Delete("none"));
        Assert.Contains("delete of " + directory.File("none"), failed.Message, StringComparison.Ordinal);
        Assert.Throws<StorageFailedException>(() => device.Delete("b"));
    }

    private static IFileCalls CallsOf(string kind) => kind == Posix ? new PosixFileCalls() : new ManagedFileCalls();

    private static void AssertFails(Func<int> call)
    {
        Marshal.SetLastPInvokeError(0);
        Assert.True(call() < 0);
        Assert.NotEqual(0, Marshal.GetLastPInvokeError());
        Assert.NotEqual(LibC.Interrupted, Marshal.GetLastPInvokeError());
    }
}
