using System.Text.RegularExpressions;

namespace RaftKv.Backups.Targets;

/// <summary>
/// A place in an object store: <c>s3://BUCKET/PREFIX?endpoint=URL&amp;region=NAME</c>. Who calls is not in it: credentials come
/// from where the AWS library looks for them, and an address that holds any is refused without being repeated.
/// </summary>
/// <param name="Prefix">What stands before each name, without a slash at its ends; empty for none.</param>
/// <param name="Endpoint">Another service's URL; null for the one of the environment, or AWS.</param>
/// <param name="Region">Null for the one of the environment.</param>
internal sealed partial record S3Address(string Bucket, string Prefix, Uri? Endpoint, string? Region)
{
    private const string Scheme = "s3://";

    /// <summary>True for a text that is meant as one.</summary>
    public static bool IsMeant(string text) => text.StartsWith("s3:", StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads one; null with a sentence for a text that is none.</summary>
    public static S3Address? Parse(string text, out string problem)
    {
        problem = "";
        string rest = text.StartsWith(Scheme, StringComparison.Ordinal) ? text[Scheme.Length..] : "/";
        int query = rest.IndexOf('?', StringComparison.Ordinal);
        string place = query < 0 ? rest : rest[..query];
        int slash = place.IndexOf('/', StringComparison.Ordinal);
        string bucket = slash < 0 ? place : place[..slash];
        string prefix = slash < 0 ? "" : Uri.UnescapeDataString(place[slash..]).Trim('/');
        if (place.Contains('@', StringComparison.Ordinal))
        {
            problem = "an s3 address holds no credentials: they come from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or from"
                + " AWS_PROFILE.";
        }
        else if (!BucketForm().IsMatch(bucket))
        {
            problem = "an s3 address looks like s3://BUCKET/PREFIX?endpoint=URL&region=NAME, with a bucket of 3 to 63 letters, digits,"
                + " dots and hyphens.";
        }
        else if (prefix.Length > MaxPrefixLength || prefix.Any(char.IsControl))
        {
            problem = $"the prefix of an s3 address has at most {MaxPrefixLength} characters, none of them a control character.";
        }

        var address = new S3Address(bucket, prefix, null, null);
        foreach (string part in query < 0 ? [] : rest[(query + 1)..].Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            address = problem.Length > 0 ? address : address.With(part, out problem);
        }

        return problem.Length > 0 ? null : address;
    }

    /// <summary>The key of a name.</summary>
    public string KeyOf(string name) => Prefix.Length == 0 ? name : $"{Prefix}/{name}";

    /// <summary>The same place, with a name in it, as it is read again.</summary>
    public string Locate(string name) => (this with { Prefix = KeyOf(name) }).ToString();

    /// <summary>The last part of the prefix as a name, and what is before it.</summary>
    public (S3Address Place, string Name) Split()
    {
        int slash = Prefix.LastIndexOf('/');
        return (this with { Prefix = slash < 0 ? "" : Prefix[..slash] }, Prefix[(slash + 1)..]);
    }

    /// <summary>As it is written.</summary>
    public override string ToString()
    {
        string path = string.Join('/', Prefix.Split('/').Select(Uri.EscapeDataString));
        string endpoint = Endpoint is null ? "" : $"endpoint={Endpoint.ToString().TrimEnd('/')}";
        string region = Region is null ? "" : $"region={Region}";
        string query = string.Join('&', new[] { endpoint, region }.Where(static part => part.Length > 0));
        return $"{Scheme}{Bucket}{(path.Length == 0 ? "" : "/" + path)}{(query.Length == 0 ? "" : "?" + query)}";
    }

    // Names in the store have at most 1,024 bytes, of which a file's name takes about 80.
    private const int MaxPrefixLength = 200;

    private S3Address With(string part, out string problem)
    {
        int equals = part.IndexOf('=', StringComparison.Ordinal);
        string name = equals < 0 ? part : part[..equals];
        string value = equals < 0 ? "" : Uri.UnescapeDataString(part[(equals + 1)..]);
        problem = "";
        switch (name)
        {
            case "endpoint":
                bool isUrl = Uri.TryCreate(value, UriKind.Absolute, out Uri? url) && url.UserInfo.Length == 0 && url.Query.Length == 0
                    && url.Scheme is "http" or "https";
                problem = isUrl ? ""
                    : "endpoint= of an s3 address is the URL of a service, such as https://minio.example:9000, without credentials.";
                return this with { Endpoint = url };
            case "region":
                problem = RegionForm().IsMatch(value) ? "" : "region= of an s3 address is a name such as eu-central-1.";
                return this with { Region = value };
            default:
                problem = "an s3 address takes endpoint= and region= only; credentials come from the environment or from AWS_PROFILE.";
                return this;
        }
    }

    [GeneratedRegex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", RegexOptions.CultureInvariant)]
    private static partial Regex BucketForm();

    [GeneratedRegex("^[A-Za-z0-9-]{1,64}$", RegexOptions.CultureInvariant)]
    private static partial Regex RegionForm();
}
