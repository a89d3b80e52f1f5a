using System.Diagnostics;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;
using RaftKv.EtcdConformance.Clients;
using RaftKv.EtcdConformance.Servers;
using RaftKv.Protocol.Etcd;

namespace RaftKv.EtcdConformance.Snapshots;

/// <summary>
/// The way in from an etcd that speaks TLS only, with those who show a certificate, and lets in who knows a password; into a
/// RaftKv that is as strict, as a user who has a prefix there and no more.
/// </summary>
[Collection(SecuredServerCollection.Name)]
public sealed class SecuredImportTests(SecuredServer target)
{
    private const string EtcdPassword = "etcd-password";

    [EtcdFact]
    public async Task An_import_shows_its_certificate_and_each_sides_password_and_neither_is_enough_alone()
    {
        string mine = Directory.CreateTempSubdirectory("raftkv-import-tls-").FullName;
        try
        {
            await CertifyAsync(mine, "ca");
            await CertifyAsync(mine, "node", "etcd", "--host", "127.0.0.1,localhost");
            await CertifyAsync(mine, "user", "mover");
            await using ServerUnderTest etcd = ServerUnderTest.StartTlsEtcd(In(mine, "etcd.crt"), In(mine, "etcd.key"), In(mine, "ca.crt"));
            using var grpc = new GrpcClient(etcd.Client, TlsOf(mine));
            await FillAsync(grpc);

            string[] tls = ["--from-cacert", In(mine, "ca.crt"), "--from-cert", In(mine, "mover.crt"), "--from-key", In(mine, "mover.key")];
            string[] ours =
            [
                "--cacert", target.RootFile, "--user", SecuredServer.User, "--prefix", "app/tls/", "--progress-key", "app/progress",
            ];
            await RefusedAsync(etcd, EtcdPassword, ["--from-user", "mover", .. ours], "the source");
            await RefusedAsync(etcd, EtcdPassword, [.. tls[..2], "--from-user", "mover", .. ours], "the source");
            await RefusedAsync(etcd, "another", [.. tls, "--from-user", "mover", .. ours], "the source");
            await RefusedAsync(etcd, EtcdPassword, [.. tls, "--from-user", "mover", .. ours[2..]], "the target");
            await RefusedAsync(
                etcd, EtcdPassword, [.. tls, "--from-user", "mover", .. ours[..4], "--prefix", "app/tls/", "--progress-key", "elsewhere"],
                "the target");

            using var import = new ImportProcess(
                etcd.Client, target.Client, EtcdPassword, SecuredServer.Password, [.. tls, "--from-user", "mover", .. ours, "--cut-over"]);
            Assert.True(await import.EndAsync() == 0, import.Said);
            Assert.Contains("equal       2 keys", import.Said, StringComparison.Ordinal);
            Assert.DoesNotContain(EtcdPassword, import.Said, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(mine, recursive: true);
        }
    }

    private async Task RefusedAsync(ServerUnderTest etcd, string password, string[] arguments, string side)
    {
        using var import = new ImportProcess(
            etcd.Client, target.Client, password, SecuredServer.Password, [.. arguments, "--give-up-after", "2s"]);
        int code = await import.EndAsync();
        Assert.True(code is 1 or 2 && import.Said.Contains(side, StringComparison.Ordinal), $"{code}: {import.Said}");
        Assert.DoesNotContain(password, import.Said, StringComparison.Ordinal);
    }

    // Keys, and a user who may read what begins with app/; the first call waits until it serves.
    private static async Task FillAsync(GrpcClient grpc)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!await TryPutAsync(grpc, "app/tls/1"))
        {
            await Task.Delay(50, patience.Token);
        }

        Assert.True(await TryPutAsync(grpc, "app/tls/2"));
        Assert.True(await TryPutAsync(grpc, "other"));
        await LivingImportTests.AuthAsync<AuthUserAddResponse>(
            grpc, "UserAdd", new AuthUserAddRequest { Name = "root", Password = "root" });
        await LivingImportTests.AuthAsync<AuthRoleAddResponse>(grpc, "RoleAdd", new AuthRoleAddRequest { Name = "root" });
        await LivingImportTests.AuthAsync<AuthUserGrantRoleResponse>(
            grpc, "UserGrantRole", new AuthUserGrantRoleRequest { User = "root", Role = "root" });
        await LivingImportTests.AuthAsync<AuthRoleAddResponse>(grpc, "RoleAdd", new AuthRoleAddRequest { Name = "reader" });
        await LivingImportTests.AuthAsync<AuthRoleGrantPermissionResponse>(
            grpc, "RoleGrantPermission", new AuthRoleGrantPermissionRequest
            {
                Name = "reader",
                Perm = new Permission
                {
                    PermType = Permission.Types.Type.Read,
                    Key = ByteString.CopyFromUtf8("app/"),
                    RangeEnd = ByteString.CopyFromUtf8("app0"),
                },
            });
        await LivingImportTests.AuthAsync<AuthUserAddResponse>(
            grpc, "UserAdd", new AuthUserAddRequest { Name = "mover", Password = EtcdPassword });
        await LivingImportTests.AuthAsync<AuthUserGrantRoleResponse>(
            grpc, "UserGrantRole", new AuthUserGrantRoleRequest { User = "mover", Role = "reader" });
        await LivingImportTests.AuthAsync<AuthEnableResponse>(grpc, "AuthEnable", new AuthEnableRequest());
    }

    private static async Task<bool> TryPutAsync(GrpcClient grpc, string key)
    {
        try
        {
            var put = new PutRequest { Key = ByteString.CopyFromUtf8(key), Value = ByteString.CopyFromUtf8("there") };
            return (await grpc.CallAsync<PutResponse>("/etcdserverpb.KV/Put", put)).Code == 0;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static SslClientAuthenticationOptions TlsOf(string directory)
    {
        using X509Certificate2 pem = X509Certificate2.CreateFromPemFile(In(directory, "mover.crt"), In(directory, "mover.key"));
        return new SslClientAuthenticationOptions
        {
            ClientCertificates = [X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null)],
            RemoteCertificateValidationCallback = static (_, _, _, _) => true,
        };
    }

    private static string In(string directory, string file) => Path.Combine(directory, file);

    private static async Task CertifyAsync(string directory, params string[] words)
    {
        string[] arguments = [Path.Combine(AppContext.BaseDirectory, "raftkv.dll"), "cert", .. words, "--dir", directory];
        using Process process = Process.Start(new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true })!;
        string said = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, said);
    }
}
