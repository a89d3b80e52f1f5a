using System.CommandLine;
using RaftKv.Cli.Output;
using RaftKv.Client;

namespace RaftKv.Cli.Connection;

/// <summary>One run of one command: its words, its console, and its way to the cluster.</summary>
internal sealed class Invocation : IAsyncDisposable
{
    private const string EndpointsVariable = "RAFTKV_ENDPOINTS";
    private const string ContextVariable = "RAFTKV_CONTEXT";
    private const string TokenVariable = "RAFTKV_AUTH_TOKEN";
    private static readonly TimeSpan _defaultTimeout = TimeSpan.FromSeconds(10);

    private readonly HttpMessageHandler _handler;
    private RaftKvClient? _client;
    private HttpClient? _http;
    private RaftKvSession? _session;
    private string? _sessionFile;

    private Invocation(ParseResult parse, CliConsole console, GlobalOptions global, CliContext? context, CancellationToken stop)
    {
        Parse = parse;
        Console = console;
        Context = context;
        Stop = stop;
        Writer = new ReportWriter(console, global.FormatOf(parse, context));
        Timeout = parse.GetValue(global.Timeout) ?? _defaultTimeout;
        string? tokenFile = parse.GetValue(global.TokenFile) ?? context?.TokenFile;
        string? token = tokenFile is null ? Environment.GetEnvironmentVariable(TokenVariable) : File.ReadAllText(tokenFile).Trim();
        _handler = Handlers.Make(global.TlsOf(parse, context), token);
    }

    /// <summary>The words.</summary>
    public ParseResult Parse { get; }

    /// <summary>The streams.</summary>
    public CliConsole Console { get; }

    /// <summary>The context of the configuration file; null for none.</summary>
    public CliContext? Context { get; }

    /// <summary>Ctrl+C.</summary>
    public CancellationToken Stop { get; }

    /// <summary>Writes answers in the format that was asked.</summary>
    public ReportWriter Writer { get; }

    /// <summary>Most time for a call.</summary>
    public TimeSpan Timeout { get; }

    /// <summary>The nodes to ask.</summary>
    public IReadOnlyList<Uri> Endpoints { get; private set; } = [];

    /// <summary>The client, made at its first use.</summary>
    public RaftKvClient Client => _client ??= new RaftKvClient(new RaftKvClientOptions
    {
        Endpoints = Endpoints,
        Timeout = Timeout,
        HttpMessageHandler = _handler,
    });

    /// <summary>HTTP to the same nodes.</summary>
    public HttpClient Http => _http ??= new HttpClient(_handler, disposeHandler: false)
    {
        Timeout = Timeout,
    };

    /// <summary>Calls without a method of the client's.</summary>
    public RestCalls Rest => new(Http, Endpoints);

    /// <summary>Finds out whom to ask.</summary>
    public static async Task<Invocation> BeginAsync(ParseResult parse, CliConsole console, GlobalOptions global, CancellationToken stop)
    {
        ConfigFile config = ConfigFile.Load(parse.GetValue(global.Config));
        string? named = parse.GetValue(global.Context) ?? Environment.GetEnvironmentVariable(ContextVariable) ?? config.Current;
        CliContext? context = named is null ? null : config.Find(named)
            ?? throw CtlException.Usage($"{config.Path} has no context '{named}'; raftkvctl context list shows them.");
        var run = new Invocation(parse, console, global, context, stop);
        run.Endpoints = EndpointsOf(parse.GetValue(global.Endpoints), context);
        if (parse.GetValue(global.Node) is { } node)
        {
            run.Endpoints = [await run.FindAsync(node).ConfigureAwait(false)];
        }

        return run;
    }

    /// <summary>How this command reads.</summary>
    public ReadOptions Reads(ReadFlags flags) => flags.Read(Parse, Context, SessionOf(flags.Session));

    /// <summary>How this command writes.</summary>
    public WriteOptions Writes(WriteFlags flags) => flags.Read(Parse, SessionOf(flags.Session));

    /// <summary>Writes the answer.</summary>
    public int Answer(Report report, int exitCode = CtlExit.Ok)
    {
        Writer.Write(report);
        return exitCode;
    }

    /// <summary>Keeps what the session has seen, and closes the connections.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_sessionFile is not null && _session?.Token is { } token)
        {
            PrivateFile.Write(_sessionFile, token + "\n");
        }

        if (_client is not null)
        {
            await _client.DisposeAsync().ConfigureAwait(false);
        }

        _http?.Dispose();
        _handler.Dispose();
    }

    private static IReadOnlyList<Uri> EndpointsOf(string? said, CliContext? context)
    {
        IEnumerable<string> texts = said?.Split(',') ?? (context is { Endpoints.Count: > 0 } ? context.Endpoints
            : (Environment.GetEnvironmentVariable(EndpointsVariable) ?? GlobalOptions.DefaultEndpoints).Split(','));
        return [.. texts.Select(static text => ToUri(text.Trim()))];
    }

    private static Uri ToUri(string text)
    {
        string whole = text.Contains("://", StringComparison.Ordinal) ? text : "http://" + text;
        return Uri.TryCreate(whole, UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https"
            ? uri
            : throw CtlException.Usage($"'{text}' is no address; say http://HOST:PORT.");
    }

    private RaftKvSession? SessionOf(SessionFlag flag)
    {
        if (_session is null)
        {
            _sessionFile = flag.File(Parse, Context);
            string? token = flag.Token(Parse, Context);
            _session = token is null && _sessionFile is null ? null : Client.BeginSession(token: token);
        }

        return _session;
    }

    // A name is looked up once, by a client of its own: the command's own knows that node only.
    private async Task<Uri> FindAsync(string node)
    {
        if (node.Contains(':', StringComparison.Ordinal))
        {
            return ToUri(node);
        }

        await using var client =
            new RaftKvClient(new RaftKvClientOptions { Endpoints = Endpoints, Timeout = Timeout, HttpMessageHandler = _handler });
        ClusterInfo cluster = await client.ClusterAsync(cancellationToken: Stop).ConfigureAwait(false);
        ClusterMember member = cluster.Members.FirstOrDefault(member =>
            member.Name == node || (node == "leader" && member.Name == cluster.Leader))
            ?? throw CtlException.Usage($"No member is called {node}; there are {string.Join(", ", cluster.Members.Select(m => m.Name))}.");
        return member.ClientUrl is { } url ? ToUri(url) : throw CtlException.Usage($"{node} has not said where clients reach it.");
    }
}
