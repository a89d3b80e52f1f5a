using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace RaftKv.Tests.Backups;

/// <summary>What a store does to a request that a test has chosen.</summary>
internal enum StoreFault
{
    None,

    /// <summary>Answers 500, and does nothing.</summary>
    Refuse,

    /// <summary>Answers 403 with a code and no word more, as a gateway of Ceph that gives roles does for a wrong key.</summary>
    Deny,

    /// <summary>Closes the connection in the middle of what is sent, or of what is answered; nothing is stored.</summary>
    Cut,

    /// <summary>Does it, and closes the connection in place of an answer.</summary>
    LoseAnswer,

    /// <summary>Never answers.</summary>
    Stall,

    /// <summary>Stores it with one bit wrong.</summary>
    Corrupt,
}

/// <summary>
/// An object store in memory that speaks as much of S3 as backups need: put, get with ranges, list in pages, delete,
/// multipart; a request without a signature of the one key, or whose body is not what was signed, is refused. With a
/// <see cref="TokenServiceDouble"/> beside it the keys are those that that one gave, with their session token.
/// </summary>
internal sealed class ObjectStoreDouble : IAsyncDisposable
{
    public const string AccessKey = "AKTESTTESTTEST";
    public const string SecretKey = "a-secret-that-is-never-shown";
    public const string Bucket = "backups";

    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, SortedDictionary<int, byte[]>> _uploads = new();
    private int _uploadCount;

    private ObjectStoreDouble(WebApplication app) => _app = app;

    public SortedDictionary<string, byte[]> Objects { get; } = new(StringComparer.Ordinal);

    /// <summary>Each request as <c>GET key?query</c>, in order of arrival.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    /// <summary>Asked for each request; none unless it is set.</summary>
    public Func<string, StoreFault> Fault { get; set; } = static _ => StoreFault.None;

    /// <summary>Keys in a page of a list.</summary>
    public int PageLength { get; set; } = 1000;

    /// <summary>The head of an answer is on its way long before the body, as over a real network.</summary>
    public bool SendsApart { get; set; }

    /// <summary>To delete what is not there is answered with 404, as Google's store does.</summary>
    public bool MissesWhatItDeletes { get; set; }

    /// <summary>Who gives the keys that are taken; null for the one key.</summary>
    public TokenServiceDouble? Keyring { get; set; }

    /// <summary>Uploads that were begun and neither completed nor given up.</summary>
    public int OpenUploads => _uploads.Count;

    public string Endpoint => _app.Urls.Single();

    /// <param name="certificate">It speaks TLS with it; null for none.</param>
    public static async Task<ObjectStoreDouble> StartAsync(X509Certificate2? certificate = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0, listen =>
            {
                if (certificate is not null)
                {
                    listen.UseHttps(certificate);
                }
            });
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
        });
        WebApplication app = builder.Build();
        var store = new ObjectStoreDouble(app);
        app.Run(store.ServeAsync);
        await app.StartAsync();
        return store;
    }

    public string[] Keys()
    {
        lock (Objects)
        {
            return [.. Objects.Keys];
        }
    }

    public async ValueTask DisposeAsync()
    {
        // What stalls has no answer to wait for.
        using var now = new CancellationTokenSource(0);
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    private async Task ServeAsync(HttpContext http)
    {
        string key = Uri.UnescapeDataString(http.Request.Path.Value!).TrimStart('/');
        string line = $"{http.Request.Method} {key}{http.Request.QueryString}";
        Requests.Enqueue(line);
        StoreFault fault = Fault(line);
        if (fault == StoreFault.Stall)
        {
            await Task.Delay(Timeout.Infinite, http.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return;
        }

        if (fault == StoreFault.Cut && http.Request.Method is ("PUT" or "POST"))
        {
            await http.Request.Body.ReadAtLeastAsync(new byte[1], 1, throwOnEndOfStream: false);
            http.Abort();
            return;
        }

        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body);
        if (fault == StoreFault.Deny)
        {
            await FailAsync(http, 403, "AccessDenied", "");
        }
        else if (fault == StoreFault.Refuse)
        {
            await FailAsync(http, 500, "InternalError", "We encountered an internal error. Please try again.");
        }
        else if (Unsigned(http, body.ToArray()) is { } problem)
        {
            await FailAsync(http, 403, problem, "The request is not signed as it should be.");
        }
        else
        {
            await AnswerAsync(http, key, body.ToArray(), fault);
        }
    }

    private string? Unsigned(HttpContext http, byte[] body)
    {
        string authorization = http.Request.Headers.Authorization.ToString();
        if (Keyring?.HasGiven(authorization, http.Request.Headers["x-amz-security-token"].ToString()) == false)
        {
            return "InvalidToken";
        }

        string digest = http.Request.Headers["x-amz-content-sha256"].ToString();
        bool isOurs = Keyring is not null
            || authorization.StartsWith($"AWS4-HMAC-SHA256 Credential={AccessKey}/", StringComparison.Ordinal);
        return !isOurs || !authorization.Contains("Signature=", StringComparison.Ordinal) ? "InvalidAccessKeyId"
            : digest != Convert.ToHexStringLower(SHA256.HashData(body)) ? "XAmzContentSHA256Mismatch"
            : null;
    }

    private async Task AnswerAsync(HttpContext http, string path, byte[] body, StoreFault fault)
    {
        if (path.Split('/')[0] != Bucket)
        {
            await FailAsync(http, 404, "NoSuchBucket", "The specified bucket does not exist");
            return;
        }

        string key = path[Bucket.Length..].TrimStart('/');
        IQueryCollection query = http.Request.Query;
        string upload = query["uploadId"].ToString();
        (int status, string answer) = (http.Request.Method, key.Length > 0) switch
        {
            ("GET", false) => (200, List(query["prefix"].ToString(), query["continuation-token"].ToString())),
            ("POST", true) when query.ContainsKey("uploads") => (200, Begin()),
            ("PUT", true) when upload.Length > 0 => PutPart(http, upload, body, fault),
            ("PUT", true) => Put(http, key, body, fault),
            ("POST", true) => Complete(key, upload, body),
            ("DELETE", true) when upload.Length > 0 => (_uploads.TryRemove(upload, out _) ? 204 : 404, ""),
            ("DELETE", true) => Delete(key),
            _ => (0, ""),
        };
        if (status == 0)
        {
            await GetAsync(http, key, fault);
            return;
        }

        if (fault == StoreFault.LoseAnswer)
        {
            http.Abort();
            return;
        }

        http.Response.StatusCode = status;
        if (answer.Length > 0)
        {
            http.Response.ContentType = "application/xml";
            await SendHeadAsync(http);
            await http.Response.WriteAsync(answer);
        }
    }

    private async Task SendHeadAsync(HttpContext http)
    {
        if (SendsApart)
        {
            await http.Response.Body.FlushAsync();
            await Task.Delay(50);
        }
    }

    private static (int, string) NoUpload => (404, "<Error><Code>NoSuchUpload</Code><Message>no upload</Message></Error>");

    private string Begin()
    {
        string id = $"upload-{Interlocked.Increment(ref _uploadCount)}";
        _uploads[id] = [];
        return $"<InitiateMultipartUploadResult><UploadId>{id}</UploadId></InitiateMultipartUploadResult>";
    }

    private (int, string) PutPart(HttpContext http, string upload, byte[] body, StoreFault fault)
    {
        if (!_uploads.TryGetValue(upload, out SortedDictionary<int, byte[]>? parts))
        {
            return NoUpload;
        }

        lock (parts)
        {
            parts[int.Parse(http.Request.Query["partNumber"].ToString(), CultureInfo.InvariantCulture)] = Stored(body, fault);
        }

        http.Response.Headers.ETag = Tag(body);
        return (200, "");
    }

    private (int, string) Put(HttpContext http, string key, byte[] body, StoreFault fault)
    {
        lock (Objects)
        {
            Objects[key] = Stored(body, fault);
        }

        http.Response.Headers.ETag = Tag(body);
        return (200, "");
    }

    private (int, string) Complete(string key, string upload, byte[] body)
    {
        if (!_uploads.TryRemove(upload, out SortedDictionary<int, byte[]>? parts))
        {
            return NoUpload;
        }

        int[] named = [.. XDocument.Parse(Encoding.UTF8.GetString(body)).Descendants()
            .Where(static element => element.Name.LocalName == "PartNumber")
            .Select(static element => int.Parse(element.Value, CultureInfo.InvariantCulture))];
        if (!named.SequenceEqual(parts.Keys) || parts.Values.SkipLast(1).Any(static part => part.Length < 5 * 1024 * 1024))
        {
            return (400, "<Error><Code>InvalidPart</Code><Message>parts</Message></Error>");
        }

        lock (Objects)
        {
            Objects[key] = [.. parts.Values.SelectMany(static part => part)];
            string tag = SecurityElement.Escape(Tag(Objects[key]))!;
            return (200, $"<CompleteMultipartUploadResult><ETag>{tag}</ETag></CompleteMultipartUploadResult>");
        }
    }

    private (int, string) Delete(string key)
    {
        lock (Objects)
        {
            return Objects.Remove(key) || !MissesWhatItDeletes
                ? (204, "")
                : (404, "<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message></Error>");
        }
    }

    private string List(string prefix, string after)
    {
        lock (Objects)
        {
            KeyValuePair<string, byte[]>[] all =
            [
                .. Objects.Where(pair =>
                    pair.Key.StartsWith(prefix, StringComparison.Ordinal) && string.CompareOrdinal(pair.Key, after) > 0),
            ];
            bool isCut = all.Length > PageLength;
            var xml = new StringBuilder($"<ListBucketResult><IsTruncated>{(isCut ? "true" : "false")}</IsTruncated>");
            foreach ((string key, byte[] bytes) in all.Take(PageLength))
            {
                xml.Append($"<Contents><Key>{key}</Key><Size>{bytes.Length}</Size>");
                xml.Append("<LastModified>2026-01-01T00:00:00.000Z</LastModified></Contents>");
            }

            xml.Append(isCut ? $"<NextContinuationToken>{all[PageLength - 1].Key}</NextContinuationToken>" : "");
            return xml.Append("</ListBucketResult>").ToString();
        }
    }

    private async Task GetAsync(HttpContext http, string key, StoreFault fault)
    {
        byte[]? bytes;
        lock (Objects)
        {
            Objects.TryGetValue(key, out bytes);
        }

        if (bytes is null)
        {
            await FailAsync(http, 404, "NoSuchKey", "The specified key does not exist.");
            return;
        }

        string match = http.Request.Headers.IfMatch.ToString();
        if (match.Length > 0 && match.Trim('"') != Tag(bytes).Trim('"'))
        {
            await FailAsync(http, 412, "PreconditionFailed", "The object is another one.");
            return;
        }

        (int from, int to) = (0, bytes.Length - 1);
        string range = http.Request.Headers.Range.ToString();
        if (range.StartsWith("bytes=", StringComparison.Ordinal))
        {
            string[] ends = range["bytes=".Length..].Split('-');
            (from, to) = (int.Parse(ends[0], CultureInfo.InvariantCulture), Math.Min(to, int.Parse(ends[1], CultureInfo.InvariantCulture)));
            http.Response.StatusCode = 206;
            http.Response.Headers.ContentRange = $"bytes {from}-{to}/{bytes.Length}";
        }

        ReadOnlyMemory<byte> sent = bytes.AsMemory(from, to - from + 1);
        http.Response.Headers.ETag = Tag(bytes);
        http.Response.ContentLength = sent.Length;
        if (fault == StoreFault.Cut)
        {
            await http.Response.Body.WriteAsync(sent[..(sent.Length / 2)]);
            await http.Response.Body.FlushAsync();
            http.Abort();
            return;
        }

        await SendHeadAsync(http);
        await http.Response.Body.WriteAsync(sent);
    }

    private static byte[] Stored(byte[] body, StoreFault fault)
    {
        if (fault == StoreFault.Corrupt)
        {
            body[body.Length / 2] ^= 1;
        }

        return body;
    }

    private static string Tag(byte[] body) => $"\"{Convert.ToHexStringLower(SHA256.HashData(body))[..32]}\"";

    private static async Task FailAsync(HttpContext http, int status, string code, string message)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/xml";
        await http.Response.WriteAsync($"<Error><Code>{code}</Code><Message>{message}</Message></Error>");
    }
}
