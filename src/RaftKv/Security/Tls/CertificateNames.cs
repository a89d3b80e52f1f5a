using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RaftKv.Security.Tls;

/// <summary>The names in a certificate, each kind for itself: none is ever taken in place of another.</summary>
internal static class CertificateNames
{
    private const string CommonNameOid = "2.5.4.3";
    private const string AlternativeNamesOid = "2.5.29.17";

    // Choices of GeneralName (RFC 5280, 4.2.1.6).
    private const int Email = 1;
    private const int Dns = 2;
    private const int Uri = 6;

    /// <summary>The name of that kind when there is exactly one: who has two names could be either.</summary>
    public static string? Only(X509Certificate2 certificate, CertificateNameKind kind) =>
        Of(certificate, kind) is [{ Length: > 0 } only] ? only : null;

    /// <summary>All names of a kind, in the certificate's order.</summary>
    public static IReadOnlyList<string> Of(X509Certificate2 certificate, CertificateNameKind kind) => kind switch
    {
        CertificateNameKind.CommonName => CommonNames(certificate),
        CertificateNameKind.Email => AlternativeNames(certificate, Email),
        CertificateNameKind.Uri => AlternativeNames(certificate, Uri),
        _ => AlternativeNames(certificate, Dns),
    };

    private static List<string> CommonNames(X509Certificate2 certificate)
    {
        var names = new List<string>();
        foreach (X500RelativeDistinguishedName part in certificate.SubjectName.EnumerateRelativeDistinguishedNames())
        {
            if (!part.HasMultipleElements && part.GetSingleElementType().Value == CommonNameOid)
            {
                names.Add(part.GetSingleElementValue() ?? "");
            }
        }

        return names;
    }

    private static List<string> AlternativeNames(X509Certificate2 certificate, int choice)
    {
        var names = new List<string>();
        X509Extension? extension = certificate.Extensions.FirstOrDefault(static one => one.Oid?.Value == AlternativeNamesOid);
        if (extension is null)
        {
            return names;
        }

        var wanted = new Asn1Tag(TagClass.ContextSpecific, choice);
        try
        {
            AsnReader all = new AsnReader(extension.RawData, AsnEncodingRules.DER).ReadSequence();
            while (all.HasData)
            {
                if (all.PeekTag().HasSameClassAndValue(wanted))
                {
                    names.Add(all.ReadCharacterString(UniversalTagNumber.IA5String, wanted));
                }
                else
                {
                    all.ReadEncodedValue();
                }
            }
        }
        catch (AsnContentException)
        {
            // A certificate whose names can't be read has none.
            names.Clear();
        }

        return names;
    }
}
