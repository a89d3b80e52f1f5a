using System.Formats.Asn1;
using System.Numerics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RaftKv.Security.Tls;

/// <summary>
/// Certificates that are void before their time, from files that their owner renews (RFC 5280, 5). The runtime builds such
/// lists but asks no file of ours when it judges a certificate, so it is read here. Immutable.
/// </summary>
internal sealed class RevocationList
{
    private readonly HashSet<(string Issuer, BigInteger Serial)> _revoked;

    private RevocationList(IReadOnlyList<(string Issuer, DateTimeOffset From, DateTimeOffset Until)> lists,
        HashSet<(string Issuer, BigInteger Serial)> revoked)
    {
        Lists = lists;
        _revoked = revoked;
    }

    /// <summary>Nothing is revoked.</summary>
    public static RevocationList None { get; } = new([], []);

    /// <summary>The lists that were read: by whom, since when, and until when there should be a newer one.</summary>
    public IReadOnlyList<(string Issuer, DateTimeOffset From, DateTimeOffset Until)> Lists { get; }

    /// <summary>Whether its issuer has said that it is void.</summary>
    public bool Contains(X509Certificate2 certificate) => _revoked.Count > 0 && _revoked.Contains(
        (NameOf(certificate.IssuerName), new BigInteger(certificate.SerialNumberBytes.Span, isUnsigned: true, isBigEndian: true)));

    /// <summary>
    /// Reads a file of lists. Throws <see cref="TlsFilesException"/> when one is damaged, or signed by none of the roots.
    /// </summary>
    public static RevocationList Read(string path, byte[] bytes, X509Certificate2Collection authorities)
    {
        var lists = new List<(string, DateTimeOffset, DateTimeOffset)>();
        var revoked = new HashSet<(string, BigInteger)>();
        ReadOnlySpan<char> rest = PemFile.Text(path, bytes, "X509 CRL");
        try
        {
            while (PemEncoding.TryFind(rest, out PemFields fields))
            {
                ReadOne(path, Convert.FromBase64String(rest[fields.Base64Data].ToString()), authorities, lists, revoked);
                rest = rest[fields.Location.End..];
            }
        }
        catch (Exception damaged) when (damaged is AsnContentException or CryptographicException or FormatException)
        {
            throw new TlsFilesException($"{path} has a list that can't be read: {damaged.Message}");
        }

        return new RevocationList(lists, revoked);
    }

    private static void ReadOne(
        string path, byte[] der, X509Certificate2Collection authorities,
        List<(string, DateTimeOffset, DateTimeOffset)> lists, HashSet<(string, BigInteger)> revoked)
    {
        AsnReader whole = new AsnReader(der, AsnEncodingRules.DER).ReadSequence();
        ReadOnlyMemory<byte> signed = whole.PeekEncodedValue();
        AsnReader body = whole.ReadSequence();
        string algorithm = whole.ReadSequence().ReadObjectIdentifier();
        byte[] signature = whole.ReadBitString(out _);

        if (body.PeekTag().HasSameClassAndValue(Asn1Tag.Integer))
        {
            body.ReadInteger();
        }

        body.ReadSequence();
        var issuer = new X500DistinguishedName(body.ReadEncodedValue().Span);
        if (!authorities.Any(root => NameOf(root.SubjectName) == NameOf(issuer) && HasSigned(root, algorithm, signed.Span, signature)))
        {
            throw new TlsFilesException($"{path} has a list by \"{issuer.Name}\" that no authority given here has signed.");
        }

        DateTimeOffset from = ReadTime(body);
        bool hasNext = body.HasData && IsTime(body.PeekTag());
        lists.Add((issuer.Name, from, hasNext ? ReadTime(body) : DateTimeOffset.MaxValue));
        if (!body.HasData || !body.PeekTag().HasSameClassAndValue(Asn1Tag.Sequence))
        {
            return;
        }

        AsnReader entries = body.ReadSequence();
        while (entries.HasData)
        {
            revoked.Add((NameOf(issuer), entries.ReadSequence().ReadInteger()));
        }
    }

    private static bool IsTime(Asn1Tag tag) =>
        tag.HasSameClassAndValue(Asn1Tag.UtcTime) || tag.HasSameClassAndValue(Asn1Tag.GeneralizedTime);

    private static DateTimeOffset ReadTime(AsnReader reader) =>
        reader.PeekTag().HasSameClassAndValue(Asn1Tag.UtcTime) ? reader.ReadUtcTime() : reader.ReadGeneralizedTime();

    private static string NameOf(X500DistinguishedName name) => Convert.ToHexString(name.RawData);

    private static bool HasSigned(X509Certificate2 root, string algorithm, ReadOnlySpan<byte> signed, byte[] signature)
    {
        HashAlgorithmName? hash = algorithm switch
        {
            "1.2.840.10045.4.3.2" or "1.2.840.113549.1.1.11" => HashAlgorithmName.SHA256,
            "1.2.840.10045.4.3.3" or "1.2.840.113549.1.1.12" => HashAlgorithmName.SHA384,
            "1.2.840.10045.4.3.4" or "1.2.840.113549.1.1.13" => HashAlgorithmName.SHA512,
            _ => null,
        };
        if (hash is null)
        {
            return false;
        }

        using ECDsa? curve = root.GetECDsaPublicKey();
        using RSA? rsa = root.GetRSAPublicKey();
        return curve?.VerifyData(signed, signature, hash.Value, DSASignatureFormat.Rfc3279DerSequence)
            ?? rsa?.VerifyData(signed, signature, hash.Value, RSASignaturePadding.Pkcs1)
            ?? false;
    }
}
