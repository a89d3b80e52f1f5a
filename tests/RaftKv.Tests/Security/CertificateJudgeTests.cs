using System.Security.Cryptography.X509Certificates;
using RaftKv.Security.Certificates;
using RaftKv.Security.Tls;

namespace RaftKv.Tests.Security;

/// <summary>Which certificates of the other side are good, and what the owner reads of those that are not.</summary>
public sealed class CertificateJudgeTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("raftkv-test-").FullName;
    private readonly TestAuthority _authority;

    public CertificateJudgeTests()
    {
        _authority = new TestAuthority(_directory);
        _authority.WriteNode("n1");
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void A_node_is_good_for_both_sides_and_a_user_for_clients_only()
    {
        TlsMaterial material = _authority.MaterialOf("n1");
        using X509Certificate2 node = _authority.Node("n2");
        using X509Certificate2 user = _authority.User("ada");

        Assert.Null(CertificateJudge.ProblemOf(node, [], material, CertificateJudge.ForServers, CertificateJudge.ForClients));
        Assert.Null(CertificateJudge.ProblemOf(user, [], material, CertificateJudge.ForClients));
        Assert.Contains(
            "another purpose",
            CertificateJudge.ProblemOf(user, [], material, CertificateJudge.ForClients, CertificateJudge.ForServers));
        Assert.True(CertificateJudge.IsForServers(node));
        Assert.False(CertificateJudge.IsForServers(user));
    }

    [Fact]
    public void What_is_wrong_with_a_certificate_is_a_sentence()
    {
        TlsMaterial material = _authority.MaterialOf("n1");
        var other = new TestAuthority(Path.Combine(_directory, "other"), "other CA");
        using X509Certificate2 stranger = other.Node("n2");
        using X509Certificate2 itself = TestAuthority.SelfSigned("n2");
        using X509Certificate2 late = _authority.Node("n2", days: 1, made: TestAuthority.Now.AddDays(-2));
        using X509Certificate2 early = _authority.Node("n2", days: 9, made: TestAuthority.Now.AddDays(2));

        Assert.Contains("leads to no authority of", Problem(stranger));
        Assert.Contains("its issuer is \"CN=other CA\"", Problem(stranger));
        Assert.Contains("is signed by itself", Problem(itself));
        Assert.Contains("expired at", Problem(late));
        Assert.Contains("is valid from", Problem(early));

        string Problem(X509Certificate2 shown) => CertificateJudge.ProblemOf(shown, [], material, CertificateJudge.ForServers)!;
    }

    [Fact]
    public void An_authority_of_the_same_name_is_another_one()
    {
        TlsMaterial material = _authority.MaterialOf("n1");
        var forged = new TestAuthority(Path.Combine(_directory, "other"));
        using X509Certificate2 stranger = forged.Node("n2");

        Assert.NotNull(CertificateJudge.ProblemOf(stranger, [], material, CertificateJudge.ForServers));
    }

    [Fact]
    public void A_revoked_certificate_is_refused_and_a_list_by_another_signer_is_not_read()
    {
        using X509Certificate2 revoked = _authority.User("ada");
        using X509Certificate2 again = _authority.User("bob");
        using X509Certificate2 good = _authority.User("cay");
        string list = CertificateMaker.Revoke(_authority.Root, revoked, former: null, TestAuthority.Now, days: 30);
        list = CertificateMaker.Revoke(_authority.Root, again, list, TestAuthority.Now, days: 30);
        _authority.Files.WriteRevocations(list);
        TlsMaterial material = _authority.MaterialOf("n1", hasRevocations: true);

        Assert.Contains("is revoked by", CertificateJudge.ProblemOf(revoked, [], material, CertificateJudge.ForClients));
        Assert.Contains("is revoked by", CertificateJudge.ProblemOf(again, [], material, CertificateJudge.ForClients));
        Assert.Null(CertificateJudge.ProblemOf(good, [], material, CertificateJudge.ForClients));
        Assert.Contains(material.Facts, static fact => fact.Kind == "revocations");

        var forged = new TestAuthority(Path.Combine(_directory, "other"));
        _authority.Files.WriteRevocations(CertificateMaker.Revoke(forged.Root, good, former: null, TestAuthority.Now, days: 30));
        TlsFilesException refusal = Assert.Throws<TlsFilesException>(() => _authority.MaterialOf("n1", hasRevocations: true));
        Assert.Contains("no authority given here has signed", refusal.Message);
    }

    [Fact]
    public void Names_are_taken_from_their_own_place_and_only_when_there_is_one()
    {
        using X509Certificate2 node = _authority.Node("n2");
        using X509Certificate2 user = _authority.User("ada");

        Assert.Equal("ada", CertificateNames.Only(user, CertificateNameKind.CommonName));
        Assert.Null(CertificateNames.Only(user, CertificateNameKind.Dns));
        Assert.Null(CertificateNames.Only(user, CertificateNameKind.Email));
        Assert.Equal(["n2", "localhost"], CertificateNames.Of(node, CertificateNameKind.Dns));
        Assert.Null(CertificateNames.Only(node, CertificateNameKind.Dns));
        var proof = new MemberProof(CertificateNames.Of(node, CertificateNameKind.Dns));
        Assert.True(proof.Covers("n2"));
        Assert.False(proof.Covers("n1"));
        Assert.False(proof.Covers("N2"));
    }

    [Fact]
    public void A_user_is_named_by_its_certificate_and_a_node_is_no_user()
    {
        using X509Certificate2 node = _authority.Node("n2");
        using X509Certificate2 user = _authority.User("ada");

        Assert.Equal(new CertificateUser("ada"), CertificateUser.Of(new ShownCertificate(user, []), CertificateNameKind.CommonName));
        Assert.Null(CertificateUser.Of(new ShownCertificate(user, []), CertificateNameKind.Dns));
        Assert.Null(CertificateUser.Of(new ShownCertificate(node, []), CertificateNameKind.CommonName));
        Assert.Null(CertificateUser.Of(null, CertificateNameKind.CommonName));
    }

    [Fact]
    public void A_certificate_ends_soon_in_its_last_month_or_last_third()
    {
        DateTimeOffset now = TestAuthority.Now;
        var year = new CertificateFact("client", "certificate", "CN=a", now.AddDays(-300), now.AddDays(29));
        var week = new CertificateFact("client", "certificate", "CN=a", now.AddDays(-3), now.AddDays(4));

        Assert.True(year.EndsSoon(now));
        Assert.False(year.EndsSoon(now.AddDays(-2)));
        Assert.False(week.EndsSoon(now));
        Assert.True(week.EndsSoon(now.AddDays(2)));
    }
}
