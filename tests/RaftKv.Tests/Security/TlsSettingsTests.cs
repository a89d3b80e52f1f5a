using RaftKv.Hosting;
using RaftKv.Tests.Hosting;

namespace RaftKv.Tests.Security;

/// <summary>What must hold between the settings of TLS, and that nothing is open by accident.</summary>
public sealed class TlsSettingsTests
{
    [Theory]
    [InlineData("http://0.0.0.0:2379", "--client: http://0.0.0.0:2379 is beyond this machine and without TLS")]
    [InlineData("http://192.0.2.7:2379", "or say --insecure")]
    [InlineData("http://[::]:2379", "is beyond this machine")]
    [InlineData("https://127.0.0.1:2379", "asks for TLS; give its certificate with --tls-cert and --tls-key")]
    public void An_address_that_is_not_protected_is_refused_in_one_sentence(string client, string sentence)
    {
        Assert.Contains(sentence, Assert.Single(Problems(Of("client", client))), StringComparison.Ordinal);
    }

    [Fact]
    public void Loopback_needs_nothing_and_insecure_says_that_it_is_meant()
    {
        Assert.Empty(Problems(new("client", "http://127.0.0.1:1"), new("client", "http://[::1]:2"), new("client", "http://localhost:3")));
        Assert.Empty(Problems(new("client", "http://0.0.0.0:1"), new("peer", "http://0.0.0.0:2"), new("insecure", "true")));
        Assert.Contains("neither true nor false", Assert.Single(Problems(Of("insecure", "perhaps"))));
    }

    [Fact]
    public void The_peers_port_is_protected_too_and_mixed_is_no_protection()
    {
        Assert.Contains("could pass for a member", Assert.Single(Problems(Of("peer", "http://0.0.0.0:2380"))));
        KeyValuePair<string, string>[] files = [new("peer-tls-cert", "c"), new("peer-tls-key", "k"), new("peer-tls-ca", "r")];
        Assert.Empty(Problems([new("peer", "https://0.0.0.0:2380"), .. files]));
        Assert.Contains("may be spoken to without TLS", Assert.Single(
            Problems([new("peer", "https://0.0.0.0:2380"), new("peer-tls-mode", "mixed"), .. files])));
        Assert.Contains("asks for TLS", Assert.Single(Problems(Of("peer", "https://127.0.0.1:2380"))));
    }

    [Theory]
    [InlineData("tls-cert", "give both")]
    [InlineData("tls-key", "give both")]
    [InlineData("peer-tls-ca", "give all three")]
    [InlineData("tls-crl", "goes with the roots that signed it")]
    [InlineData("peer-tls-crl", "goes with the roots that signed it")]
    public void Half_of_a_setting_is_refused(string flag, string sentence) =>
        Assert.Contains(Problems(Of(flag, "f")), problem => problem.Contains(sentence, StringComparison.Ordinal));

    [Theory]
    [InlineData("tls-client-auth", "maybe", "use off, request or require")]
    [InlineData("tls-client-auth", "require", "judged by the roots of --tls-ca")]
    [InlineData("tls-client-name", "dn", "use cn, dns, email or uri")]
    [InlineData("peer-tls-mode", "off", "use required or mixed")]
    public void A_word_that_does_not_fit_is_refused(string flag, string word, string sentence) =>
        Assert.Contains(Problems(Of(flag, word)), problem => problem.Contains(sentence, StringComparison.Ordinal));

    [Theory]
    [InlineData("*", true)]
    [InlineData("https://console.example", true)]
    [InlineData("https://console.example/", false)]
    [InlineData("console.example", false)]
    public void An_origin_that_may_call_is_an_origin(string origin, bool isGood) =>
        Assert.Equal(isGood ? 0 : 1, Problems(Of("cors", origin)).Count);

    [Fact]
    public void A_certificate_without_an_https_address_would_serve_nobody() => Assert.Contains(
        "nobody would be served with it",
        Assert.Single(Problems(new("tls-cert", "c"), new("tls-key", "k"))), StringComparison.Ordinal);

    [Fact]
    public async Task The_command_takes_insecure_without_a_value_and_shows_paths_and_no_secrets()
    {
        string directory = Directory.CreateTempSubdirectory("raftkv-test-").FullName;
        var authority = new TestAuthority(directory);
        authority.WriteNode("n1");
        await using ServerProcess server = ServerProcess.Start(
            "serve", "--insecure", "--print-config", "--client", "https://0.0.0.0:2379",
            "--tls-cert", authority.Files.CertificateFile("n1"), "--tls-key", authority.Files.KeyFile("n1"));

        Assert.Equal(0, await server.WaitForExitAsync());
        Assert.Contains(authority.Files.KeyFile("n1"), server.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("PRIVATE", server.Output, StringComparison.Ordinal);
        Assert.Matches(@"(?m)^insecure +true +# --insecure", server.Output);
        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public async Task Files_that_cannot_be_used_stop_the_start_with_a_sentence()
    {
        await using ServerProcess server = ServerProcess.Start(
            "serve", "--data-dir", "/nowhere", "--client", "https://127.0.0.1:2379",
            "--tls-cert", "/nowhere/n1.crt", "--tls-key", "/nowhere/n1.key");

        Assert.Equal(2, await server.WaitForExitAsync());
        Assert.Contains("Can't read /nowhere/n1.crt", server.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", server.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cert_makes_files_that_only_their_owner_reads()
    {
        string directory = Directory.CreateTempSubdirectory("raftkv-test-").FullName;
        await RunAsync(0, "ca");
        await RunAsync(0, "node", "n1", "--host", "10.0.0.1,n1.example", "--days", "30");
        await RunAsync(0, "user", "ada");
        await RunAsync(0, "revoke", "ada");
        await RunAsync(2, "ca");
        await RunAsync(2, "node", "../n2");
        await RunAsync(2, "user", "ca");
        await RunAsync(2, "node", "n1", "--days", "0");

        foreach (string key in Directory.GetFiles(directory, "*.key"))
        {
            UnixFileMode mode = OperatingSystem.IsWindows() ? UnixFileMode.UserRead | UnixFileMode.UserWrite : File.GetUnixFileMode(key);
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, mode);
        }

        Assert.Equal(3, Directory.GetFiles(directory, "*.key").Length);
        Assert.True(File.Exists(Path.Combine(directory, "ca.crl")));
        Directory.Delete(directory, recursive: true);

        async Task RunAsync(int code, params string[] words)
        {
            await using ServerProcess command = ServerProcess.Start(["cert", .. words, "--dir", directory]);
            Assert.Equal(code, await command.WaitForExitAsync());
        }
    }

    private static KeyValuePair<string, string> Of(string flag, string value) => new(flag, value);

    private static IReadOnlyList<string> Problems(params KeyValuePair<string, string>[] flags)
    {
        var reader = new NodeOptionsReader();
        reader.AddFlags(flags);
        reader.Build(out IReadOnlyList<string> problems);
        return problems;
    }
}
