namespace RaftKv.Client;

/// <summary>Settings of a <see cref="RaftKvClient"/>; copied and checked once, when the client is made.</summary>
public sealed record RaftKvClientOptions
{
    /// <summary>Client addresses of the nodes, e.g. <c>http://n1:2379</c>. At least one; better all, so that the client can turn to another.</summary>
    public IReadOnlyList<Uri> Endpoints { get; set; } = [];

    /// <summary>Time for one call with all its attempts and waits. Default 10 s.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Time for one attempt of a read, or of a write with an idempotency key, after which another node is asked.
    /// Default 3 s. A write without a key has the whole <see cref="Timeout"/>, because one that was sent can't be
    /// repeated.
    /// </summary>
    public TimeSpan ReadAttemptTimeout { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>Time to open a connection; only for the client's own handler. Default 2 s.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Most requests for one call, 1 to 100. Default 8.</summary>
    public int MaxAttempts { get; set; } = 8;

    /// <summary>Most rounds of <c>UpdateAsync</c> before it gives up, 1 to 10,000. Default 64.</summary>
    public int MaxUpdateAttempts { get; set; } = 64;

    /// <summary>The level of reads that don't name one.</summary>
    public ReadLevel Consistency { get; set; } = ReadLevel.Linearizable;

    /// <summary>
    /// Where this client stands, as the nodes' own <c>--zone</c> says where they stand. Reads that every node can serve by
    /// itself (all levels but linearizable, lease and all) go to a node of this zone, and elsewhere while none answers there;
    /// so do watches at all levels but lease. A watch that had to go elsewhere stays there until its connection ends.
    /// Null or empty for no preference.
    /// </summary>
    public string? Zone { get; set; }

    /// <summary>
    /// Each write carries a number in a client session, which the first write opens, so that the client may repeat it after
    /// any failure and it is applied once. Default true; <see cref="WriteOptions.IsIdempotent"/> decides for one call.
    /// </summary>
    public bool AutomaticIdempotencyKeys { get; set; } = true;

    /// <summary>Where time comes from.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>
    /// The caller's HTTP client; never disposed here. Its own Timeout also holds. At most one of this and
    /// <see cref="HttpMessageHandler"/>.
    /// </summary>
    public HttpClient? HttpClient { get; set; }

    /// <summary>The caller's handler; never disposed here.</summary>
    public HttpMessageHandler? HttpMessageHandler { get; set; }

    /// <summary>
    /// Who calls; null for nobody in particular. Not together with <see cref="HttpClient"/>, which has headers of its own.
    /// </summary>
    public RaftKvCredentials? Credentials { get; set; }

    /// <summary>TLS for https endpoints; only for the client's own handler. Null trusts what the operating system trusts.</summary>
    public RaftKvTlsOptions? Tls { get; set; }

    /// <summary>Chooses a factor in [0, 1) for each wait; tests pin it.</summary>
    internal Func<double> Jitter { get; set; } = Random.Shared.NextDouble;

    /// <summary>Sentences that say what is wrong; empty when nothing is.</summary>
    public IReadOnlyList<string> Validate()
    {
        List<string> problems = [];
        if (Endpoints is null || Endpoints.Count == 0)
        {
            problems.Add("Endpoints is empty; give at least one, e.g. http://127.0.0.1:2379.");
        }
        else
        {
            foreach (Uri endpoint in Endpoints)
            {
                if (endpoint is null || !endpoint.IsAbsoluteUri || endpoint.Scheme is not ("http" or "https") || endpoint.Query.Length > 0)
                {
                    problems.Add($"Endpoint '{endpoint}' is not an absolute http or https address without a query.");
                }
            }
        }

        RequirePositive(problems, nameof(Timeout), Timeout);
        RequirePositive(problems, nameof(ReadAttemptTimeout), ReadAttemptTimeout);
        RequirePositive(problems, nameof(ConnectTimeout), ConnectTimeout);
        RequireBetween(problems, nameof(MaxAttempts), MaxAttempts, highestInclusive: 100);
        RequireBetween(problems, nameof(MaxUpdateAttempts), MaxUpdateAttempts, highestInclusive: 10_000);
        if (Consistency == ReadLevel.Bounded || !Enum.IsDefined(Consistency))
        {
            problems.Add($"Consistency {Consistency} can't be a default; bounded reads name their bound in each call's ReadOptions.");
        }

        if (HttpClient is not null && HttpMessageHandler is not null)
        {
            problems.Add("HttpClient and HttpMessageHandler are both set; give one of them.");
        }

        if (HttpClient is not null && Credentials is not null)
        {
            problems.Add("HttpClient and Credentials are both set; put the Authorization header on that client instead.");
        }

        if (Tls is not null && (HttpClient is not null || HttpMessageHandler is not null))
        {
            problems.Add("Tls is set, and so is HttpClient or HttpMessageHandler: set TLS up there instead.");
        }

        if (Tls is not null && Tls.CertificateFile is null != Tls.KeyFile is null)
        {
            problems.Add("Tls.CertificateFile and Tls.KeyFile: one is the certificate, the other its key; give both.");
        }

        if (TimeProvider is null)
        {
            problems.Add("TimeProvider is null; leave it out for the system's clock.");
        }

        return problems;
    }

    private static void RequirePositive(List<string> problems, string name, TimeSpan value)
    {
        if (value <= TimeSpan.Zero || value > TimeSpan.FromDays(1))
        {
            problems.Add($"{name} is {value}; it must be above zero and at most one day.");
        }
    }

    private static void RequireBetween(List<string> problems, string name, int value, int highestInclusive)
    {
        if (value < 1 || value > highestInclusive)
        {
            problems.Add($"{name} is {value}; it must be 1 to {highestInclusive}.");
        }
    }
}
