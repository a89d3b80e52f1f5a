using System.Security.Cryptography.X509Certificates;
using RaftKv.Security.Tls;
using RaftKv.Tests.Node;

namespace RaftKv.Tests.Security;

/// <summary>New files are taken whole, and only when they fit.</summary>
public sealed class TlsSourceTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("raftkv-test-").FullName;
    private readonly TestAuthority _authority;
    private readonly MemoryLogger _log = new();

    public TlsSourceTests()
    {
        _authority = new TestAuthority(_directory);
        _authority.WriteNode("n1");
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void New_files_are_taken_at_the_second_look()
    {
        using TlsSource source = Open();
        string before = source.Current.Leaf.Thumbprint;
        using X509Certificate2 next = _authority.WriteNode("n1");

        source.Look();
        Assert.Equal(before, source.Current.Leaf.Thumbprint);
        source.Look();
        Assert.Equal(next.Thumbprint, source.Current.Leaf.Thumbprint);
        source.Look();
        Assert.Equal((1, 0), (source.ReloadCount, source.FailedCount));
    }

    [Fact]
    public void Every_prefix_of_new_files_leaves_the_former_in_use()
    {
        using TlsSource source = Open();
        string before = source.Current.Leaf.Thumbprint;
        string[] paths = [source.Files.CertificateFile, source.Files.KeyFile];
        byte[][] former = [.. paths.Select(File.ReadAllBytes)];
        using X509Certificate2 next = _authority.WriteNode("n1");
        byte[][] latter = [.. paths.Select(File.ReadAllBytes)];

        // The key first, then the certificate, or the other way round: half of one file is on the disk at each look.
        foreach (int first in (int[])[0, 1])
        {
            File.WriteAllBytes(paths[first], latter[first]);
            File.WriteAllBytes(paths[1 - first], former[1 - first]);
            for (int length = 0; length < latter[1 - first].Length - 1; length += 7)
            {
                File.WriteAllBytes(paths[1 - first], latter[1 - first][..length]);
                source.Look();
                source.Look();
                Assert.Equal(before, source.Current.Leaf.Thumbprint);
            }
        }

        File.WriteAllBytes(paths[0], latter[0]);
        File.WriteAllBytes(paths[1], latter[1]);
        source.Look();
        source.Look();
        Assert.Equal(next.Thumbprint, source.Current.Leaf.Thumbprint);
    }

    [Fact]
    public void A_bundle_cut_between_two_roots_is_not_taken_while_it_grows()
    {
        using TlsSource source = Open();
        var second = new TestAuthority(Path.Combine(_directory, "second"), "second CA");
        string both = File.ReadAllText(_authority.RootFile) + File.ReadAllText(second.RootFile);
        string one = File.ReadAllText(second.RootFile);

        File.WriteAllText(_authority.RootFile, one);
        source.Look();
        File.WriteAllText(_authority.RootFile, both);
        source.Look();
        Assert.Single(source.Current.Authorities);
        source.Look();
        Assert.Equal(2, source.Current.Authorities.Count);
    }

    [Fact]
    public void Half_a_block_behind_a_whole_one_is_not_skipped()
    {
        using TlsSource source = Open();
        string root = File.ReadAllText(_authority.RootFile);
        File.WriteAllText(_authority.RootFile, root + root[..(root.Length / 2)]);
        source.Look();
        source.Look();

        Assert.Equal((0, 1), (source.ReloadCount, source.FailedCount));
        Assert.Equal(1, _log.Count("ends in the middle of a block"));
    }

    [Fact]
    public void A_key_that_does_not_fit_is_said_once_and_says_nothing_of_the_key()
    {
        using TlsSource source = Open();
        using X509Certificate2 other = _authority.WriteNode("n2");
        File.Copy(_authority.Files.KeyFile("n2"), source.Files.KeyFile, overwrite: true);
        for (int i = 0; i < 5; i++)
        {
            source.Look();
        }

        Assert.Equal(1, _log.Count("is not the key of the first certificate of"));
        Assert.Equal(0, _log.Count("BEGIN"));
        Assert.Equal((0, 1), (source.ReloadCount, source.FailedCount));
    }

    [Fact]
    public void Files_that_are_away_leave_the_former_in_use()
    {
        using TlsSource source = Open();
        File.Delete(source.Files.KeyFile);
        source.Look();
        source.Look();

        Assert.Equal("CN=n1", source.Current.Leaf.Subject);
        Assert.Equal(1, _log.Count("the former ones go on"));
    }

    private TlsSource Open() => new(_authority.FilesOf("n1"), new StillTime(), _log);

    /// <summary>Looks only when a test does.</summary>
    private sealed class StillTime : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => new NoTimer();

        private sealed class NoTimer : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => default;
        }
    }
}
