using System.Net;
using System.Security.Authentication;
using Amazon;
using Amazon.Runtime;
using Amazon.S3;

namespace RaftKv.Backups.Targets;

/// <summary>
/// The library that speaks with an object store, and what every call to it shares: a limit of time, and failures that are a
/// sentence. It is made at the first call, and made again when it could not be. Any thread.
/// </summary>
internal sealed class S3Calls : IDisposable
{
    private const int MaxTextLength = 300;

    private readonly S3Address _address;
    private readonly S3Limits _limits;
    private readonly Lazy<AmazonS3Client> _client;
    private WebIdentity? _identity;

    /// <summary>Makes it; nothing is asked of anybody.</summary>
    public S3Calls(S3Address address, S3Limits limits)
    {
        _address = address;
        _limits = limits;
        _client = new Lazy<AmazonS3Client>(
            () => (limits.Who ?? Identify()) is { } who
                ? new AmazonS3Client(who, ConfigOf(address, limits))
                : new AmazonS3Client(ConfigOf(address, limits)),
            LazyThreadSafetyMode.PublicationOnly);
    }

    /// <summary>
    /// Makes a call. Throws <see cref="FileNotFoundException"/> for what is not there, another <see cref="IOException"/> for
    /// any other failure, and <see cref="OperationCanceledException"/> when the caller gave up.
    /// </summary>
    /// <param name="what">What is done, for the sentence.</param>
    public async Task<T> AskAsync<T>(
        string what, Func<AmazonS3Client, CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_limits.Patience);
        try
        {
            T answer = await call(_client.Value, limit.Token).ConfigureAwait(false);

            // What comes next, a walk over the store or a write to a disk, is not for the thread of the sockets either.
            await Task.Yield();
            return answer;
        }
        catch (Exception failure) when (IsOfTheStore(failure))
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw SentenceOf(what, failure);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_client.IsValueCreated)
        {
            _client.Value.Dispose();
        }

        _identity?.Dispose();
    }

    // Null for whom Amazon's library finds by itself.
    private WebIdentity? Identify() => WebIdentityTerms.Of(Variable, RegionOf(_address)) is { } terms
        ? _identity ??= new WebIdentity(terms, _limits.Patience)
        : null;

    private static bool IsOfTheStore(Exception failure) => failure is AmazonServiceException or AmazonClientException
        or OperationCanceledException or TimeoutException or HttpRequestException or WebException or IOException
        or InvalidOperationException or ArgumentException;

    private IOException SentenceOf(string what, Exception failure)
    {
        string text = $"{_address}: {what} failed: ";
        return failure switch
        {
            AmazonServiceException { StatusCode: HttpStatusCode.NotFound, ErrorCode: not "NoSuchBucket" } =>
                new FileNotFoundException(text + "it is not there.", failure),
            AmazonServiceException { StatusCode: not 0 } said =>
                new IOException($"{text}{(int)said.StatusCode} {Line(said.ErrorCode)}: {Line(said.Message)}".TrimEnd(' ', ':'), failure),
            OperationCanceledException or TimeoutException =>
                new IOException($"{text}no answer within {_limits.Patience.TotalSeconds:0.#} s.", failure),
            _ => new IOException(text + Line(ReasonOf(failure)), failure),
        };
    }

    // That a certificate is not believed, and why, is said by the innermost of three.
    private static string ReasonOf(Exception failure)
    {
        for (Exception? inner = failure; inner is not null; inner = inner.InnerException)
        {
            if (inner is AuthenticationException)
            {
                return inner.Message;
            }
        }

        return failure.Message;
    }

    // What another machine said: one line, and not without end.
    private static string Line(string? text)
    {
        string line = string.Concat((text ?? "").Select(static c => char.IsControl(c) ? ' ' : c));
        return line.Length <= MaxTextLength ? line : line[..MaxTextLength] + "…";
    }

    // Services other than AWS are reached by path, and get no checksums that only AWS knows: what is sent is signed with its
    // SHA-256, and what is stored is read back.
    private static AmazonS3Config ConfigOf(S3Address address, S3Limits limits)
    {
        var config = new AmazonS3Config
        {
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
            MaxErrorRetry = limits.Retries,
            HttpClientFactory = new OffSocketThread.Factory(),
        };
        string? region = RegionOf(address);
        string? endpoint = address.Endpoint?.ToString() ?? Variable("AWS_ENDPOINT_URL_S3") ?? Variable("AWS_ENDPOINT_URL");
        if (endpoint is not null)
        {
            config.ServiceURL = endpoint;
            config.ForcePathStyle = true;
            config.AuthenticationRegion = region ?? "us-east-1";
        }
        else if (region is not null)
        {
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(region);
        }

        return config;
    }

    private static string? RegionOf(S3Address address) =>
        address.Region ?? Variable("AWS_REGION") ?? Variable("AWS_DEFAULT_REGION");

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
