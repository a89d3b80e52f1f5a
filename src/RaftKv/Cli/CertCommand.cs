using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using RaftKv.Hosting;
using RaftKv.Security.Certificates;
using RaftKv.Security.Tls;

namespace RaftKv.Cli;

/// <summary>
/// <c>raftkv cert</c>: an authority and certificates for a first cluster, in one directory. Whoever has an authority already takes
/// that: the server reads PEM files, wherever they are from.
/// </summary>
internal static class CertCommand
{
    private const int AuthorityDays = 3650;
    private const int LeafDays = 365;

    // A list of revocations is renewed with each entry; until then the last one holds.
    private const int RevocationDays = 365;

    private static readonly string[] _loopback = ["localhost", "127.0.0.1", "::1"];

    /// <summary>Makes what the words ask for; the exit code.</summary>
    public static int Run(string[] arguments)
    {
        CommandLine? line = CommandLine.Parse(arguments, ["dir", "host", "days"], [], out string problem);
        if (line is null)
        {
            return Refuse(problem);
        }

        int? days = DaysOf(line.Value("days"));
        if (days == 0)
        {
            return Refuse($"--days: \"{line.Value("days")}\" is out of range; use 1 to 36500.");
        }

        var files = new CertificateFiles(line.Value("dir") ?? "certs");
        try
        {
            return line.Words switch
            {
                ["ca"] => MakeAuthority(files, "RaftKv CA", days),
                ["ca", var name] => MakeAuthority(files, name, days),
                ["node", var name] when NodeOptions.IsName(name) && name != CertificateFiles.AuthorityName =>
                    MakeNode(files, name, HostsOf(line), days),
                ["user", var name] when NodeOptions.IsName(name) && name != CertificateFiles.AuthorityName => MakeUser(files, name, days),
                ["revoke", var name] => Revoke(files, name),
                ["node" or "user", var name] =>
                    Refuse($"\"{name}\" is no name here; use 1 to 63 letters, digits, dots, dashes or underscores."),
                _ => Refuse("cert takes ca [NAME], node NAME, user NAME or revoke NAME; see raftkv --help."),
            };
        }
        catch (Exception failure) when (failure is TlsFilesException or IOException or UnauthorizedAccessException)
        {
            return Refuse(failure.Message);
        }
    }

    private static int MakeAuthority(CertificateFiles files, string name, int? days)
    {
        if (files.HasAuthority)
        {
            string key = files.KeyFile(CertificateFiles.AuthorityName);
            return Refuse($"{key} is there; it is not replaced. For a new one give another --dir.");
        }

        using X509Certificate2 authority = CertificateMaker.Authority(name, TimeProvider.System.GetUtcNow(), days ?? AuthorityDays);
        return Write(files, CertificateFiles.AuthorityName, authority);
    }

    private static int MakeNode(CertificateFiles files, string name, IEnumerable<string> hosts, int? days)
    {
        using X509Certificate2 authority = files.ReadAuthority();
        using X509Certificate2 node = CertificateMaker.Node(
            authority, name, hosts.Concat(_loopback), TimeProvider.System.GetUtcNow(), days ?? LeafDays);
        return Write(files, name, node);
    }

    private static int MakeUser(CertificateFiles files, string name, int? days)
    {
        using X509Certificate2 authority = files.ReadAuthority();
        using X509Certificate2 user = CertificateMaker.User(authority, name, TimeProvider.System.GetUtcNow(), days ?? LeafDays);
        return Write(files, name, user);
    }

    private static int Revoke(CertificateFiles files, string name)
    {
        using X509Certificate2 authority = files.ReadAuthority();
        using X509Certificate2 revoked = X509Certificate2.CreateFromPem(
            PemFile.Text(files.CertificateFile(name), PemFile.Read(files.CertificateFile(name)), "CERTIFICATE"));
        string? former = File.Exists(files.RevocationFile) ? File.ReadAllText(files.RevocationFile) : null;
        files.WriteRevocations(CertificateMaker.Revoke(authority, revoked, former, TimeProvider.System.GetUtcNow(), RevocationDays));
        Console.WriteLine($"{files.RevocationFile}  {revoked.Subject} (serial {revoked.SerialNumber}) is revoked");
        return ExitCode.Ok;
    }

    private static int Write(CertificateFiles files, string name, X509Certificate2 certificate)
    {
        files.Write(name, certificate);
        string until = certificate.NotAfter.ToUniversalTime().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        Console.WriteLine($"{files.CertificateFile(name)}  {certificate.Subject}, valid until {until}");
        Console.WriteLine($"{files.KeyFile(name)}  its key: keep it to yourself");
        return ExitCode.Ok;
    }

    private static IEnumerable<string> HostsOf(CommandLine line) => line.Flags.Where(static flag => flag.Key == "host")
        .SelectMany(static flag => flag.Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));

    // Null when nothing is said, 0 for what is no number of days.
    private static int? DaysOf(string? text) => text is null ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int days) && days is > 0 and <= 36_500 ? days : 0;

    private static int Refuse(string problem)
    {
        Console.Error.WriteLine($"raftkv: {problem}");
        return ExitCode.Configuration;
    }
}
