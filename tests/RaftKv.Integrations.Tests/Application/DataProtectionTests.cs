using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;
using RaftKv.Client;
using RaftKv.Client.AspNetCore;
using RaftKv.Integrations.Tests.Support;

namespace RaftKv.Integrations.Tests.Application;

/// <summary>Data-protection keys at rest: encrypted by the framework's own means, and shared all the same.</summary>
[Collection(ThreeNodes.Name)]
public sealed class DataProtectionTests(ThreeNodes nodes)
{
    [Fact]
    public async Task Keys_at_rest_are_sealed_by_a_certificate_and_only_who_has_it_can_read_them_also_while_the_leader_is_killed()
    {
        using X509Certificate2 certificate = SelfSigned();
        using ServiceProvider one = Application("dp/sealed", certificate);
        using ServiceProvider two = Application("dp/sealed", certificate);
        string secret;
        await using (await nodes.KillLeaderAsync())
        {
            secret = Protector(one).Protect("card 4711");
            Assert.Equal("card 4711", Protector(two).Unprotect(secret));
        }

        Assert.DoesNotContain("<masterKey", await StoredAsync("dp/sealed"), StringComparison.Ordinal);
        Assert.Contains("EncryptedData", await StoredAsync("dp/sealed"), StringComparison.Ordinal);
        using ServiceProvider stranger = Application("dp/sealed", certificate: null);
        Assert.ThrowsAny<CryptographicException>(() => Protector(stranger).Unprotect(secret));
    }

    /// <summary>What the test above looks for is there when nothing seals it.</summary>
    [Fact]
    public async Task Without_a_certificate_the_store_holds_the_keys_as_they_are()
    {
        using ServiceProvider open = Application("dp/open", certificate: null);
        Protector(open).Protect("x");

        Assert.Contains("<masterKey", await StoredAsync("dp/open"), StringComparison.Ordinal);
    }

    private static IDataProtector Protector(ServiceProvider application) =>
        application.GetRequiredService<IDataProtectionProvider>().CreateProtector("tests");

    private static X509Certificate2 SelfSigned()
    {
        using RSA key = RSA.Create(2048);
        CertificateRequest request = new("CN=raftkv-tests", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(130));
    }

    private ServiceProvider Application(string prefix, X509Certificate2? certificate)
    {
        ServiceCollection services = new();
        services.AddLogging();
        services.AddRaftKvClient(o =>
        {
            o.Endpoints = nodes.Cluster.Endpoints;
            o.Timeout = ThreeNodes.Patience;
            o.MaxAttempts = 100;
        });
        IDataProtectionBuilder builder = services.AddDataProtection().SetApplicationName("tests").PersistKeysToRaftKv(prefix);
        if (certificate is not null)
        {
            builder.ProtectKeysWithCertificate(certificate);
        }

        return services.BuildServiceProvider();
    }

    private async Task<string> StoredAsync(string prefix)
    {
        List<string> values = [];
        await foreach (KeyValueEntry entry in nodes.Client.RangeAsync(RaftKvRange.Prefix(prefix + "/elements/")))
        {
            values.Add(entry.GetString());
        }

        return string.Join('\n', values);
    }
}
