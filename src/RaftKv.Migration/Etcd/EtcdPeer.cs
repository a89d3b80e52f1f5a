using Grpc.Core;
using Grpc.Net.Client;
using RaftKv.Protocol.Etcd;

namespace RaftKv.Migration.Etcd;

/// <summary>
/// One of the two clusters, over etcd's API. A call that finds nobody is made again, at the next endpoint, until nobody has
/// answered for <c>giveUpAfter</c>: so callers make only calls that may be made twice. One call at a time, but for streams.
/// </summary>
/// <param name="name">What the cluster is in messages, such as "the source".</param>
/// <param name="say">Told of an outage, and of its end.</param>
internal sealed class EtcdPeer(string name, EtcdAccess access, TimeProvider time, TimeSpan giveUpAfter, Action<string> say) : IDisposable
{
    // A page asks for so much at most; more is asked for in smaller pages.
    private const int MaxAnswerBytes = 32 * 1024 * 1024;
    private const int MaxRequestBytes = 16 * 1024 * 1024;

    // How a message begins that the library refuses to take in, and no server says.
    private const string TooLargeHere = "Received message exceeds the maximum configured message size";

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(250);

    private readonly GrpcChannel?[] _channels = new GrpcChannel?[access.Endpoints.Count];
    private string? _token = access.Token;
    private int _current;

    /// <summary>What the cluster is in messages.</summary>
    public string Name => name;

    /// <summary>Makes a call until it is answered. Throws <see cref="RpcException"/> for a refusal, <see cref="ImportException"/> when
    /// nobody answers or the caller is not let in, and <see cref="AnswerTooLargeException"/>.</summary>
    public async Task<TAnswer> CallAsync<TRequest, TAnswer>(
        Method<TRequest, TAnswer> method, TRequest request, CancellationToken cancellationToken)
        where TRequest : class
        where TAnswer : class
    {
        long asked = time.GetTimestamp();
        bool hasSaid = false;
        bool hasLoggedInAnew = false;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                CallOptions options = await OptionsAsync(cancellationToken).ConfigureAwait(false);
                using AsyncUnaryCall<TAnswer> call = Invoker().AsyncUnaryCall(
                    method, host: null, options.WithDeadline(time.GetUtcNow().UtcDateTime + _patience), request);
                TAnswer answer = await call.ResponseAsync.ConfigureAwait(false);
                SayItIsBack(hasSaid);
                return answer;
            }
            catch (RpcException) when (cancellationToken.IsCancellationRequested)
            {
                throw new OperationCanceledException(cancellationToken);
            }
            catch (RpcException refusal) when (IsTokenOver(refusal) && access.User is not null && !hasLoggedInAnew)
            {
                _token = null;
                hasLoggedInAnew = true;
            }
            catch (RpcException refusal) when (refusal.Status.Detail.StartsWith(TooLargeHere, StringComparison.Ordinal))
            {
                throw new AnswerTooLargeException();
            }
            catch (RpcException refusal) when (IsOutage(refusal))
            {
                if (time.GetElapsedTime(asked) > giveUpAfter)
                {
                    throw new ImportException($"{name} ({access}) has not answered for {giveUpAfter.TotalSeconds:0} s: {TextOf(refusal)}.");
                }

                hasSaid = SayItIsAway(refusal, hasSaid);
                await PauseAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (RpcException refusal) when (refusal.StatusCode is StatusCode.PermissionDenied or StatusCode.Unauthenticated
                || IsTokenOver(refusal))
            {
                throw new ImportException($"{name} ({access}) does not let the caller in: {TextOf(refusal)}.") { IsRefusal = true };
            }
        }
    }

    /// <summary>Opens a call with streams both ways; its first answer shows whether anybody is there.</summary>
    public async Task<AsyncDuplexStreamingCall<TRequest, TAnswer>> OpenAsync<TRequest, TAnswer>(
        Method<TRequest, TAnswer> method, CancellationToken cancellationToken)
        where TRequest : class
        where TAnswer : class
    {
        CallOptions options = await OptionsAsync(cancellationToken).ConfigureAwait(false);
        return Invoker().AsyncDuplexStreamingCall(method, host: null, options);
    }

    /// <summary>After a stream that broke: the next endpoint, a little later.</summary>
    public async Task PauseAsync(CancellationToken cancellationToken)
    {
        _current = (_current + 1) % _channels.Length;
        await Task.Delay(_pause, time, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>True for what another try, or another endpoint, may mend.</summary>
    public static bool IsOutage(RpcException refusal) => refusal.StatusCode is StatusCode.Unavailable or StatusCode.DeadlineExceeded
        or StatusCode.Internal or StatusCode.Cancelled or StatusCode.ResourceExhausted or StatusCode.Unknown or StatusCode.Aborted;

    /// <summary>True when the revision that was asked for is compacted.</summary>
    public static bool IsCompacted(RpcException refusal) =>
        refusal.StatusCode == StatusCode.OutOfRange && refusal.Status.Detail.Contains("compacted", StringComparison.Ordinal);

    /// <summary>What a refusal says.</summary>
    public static string TextOf(RpcException refusal) =>
        refusal.Status.Detail.Length > 0 ? refusal.Status.Detail.TrimEnd('.') : refusal.StatusCode.ToString();

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (GrpcChannel? channel in _channels)
        {
            channel?.Dispose();
        }
    }

    // etcd's simple tokens end by themselves, and all of them when users or roles change.
    private static bool IsTokenOver(RpcException refusal) =>
        refusal.StatusCode == StatusCode.Unauthenticated
        || (refusal.StatusCode == StatusCode.InvalidArgument && (refusal.Status.Detail.Contains("auth", StringComparison.Ordinal)
            || refusal.Status.Detail.Contains("user name is empty", StringComparison.Ordinal)));

    private bool SayItIsAway(RpcException refusal, bool hasSaid)
    {
        if (!hasSaid)
        {
            say($"{name} ({access.Endpoints[_current].Authority}) does not answer: {TextOf(refusal)}. Trying again.");
        }

        return true;
    }

    private void SayItIsBack(bool hasSaid)
    {
        if (hasSaid)
        {
            say($"{name} ({access.Endpoints[_current].Authority}) answers.");
        }
    }

    private CallInvoker Invoker()
    {
        GrpcChannel channel = _channels[_current] ??= GrpcChannel.ForAddress(access.Endpoints[_current], new GrpcChannelOptions
        {
            HttpHandler = access.Handler(),
            DisposeHttpClient = true,
            MaxReceiveMessageSize = MaxAnswerBytes,
            MaxSendMessageSize = MaxRequestBytes,
        });
        return channel.CreateCallInvoker();
    }

    private async Task<CallOptions> OptionsAsync(CancellationToken cancellationToken)
    {
        if (_token is null && access.User is not null)
        {
            var login = new AuthenticateRequest { Name = access.User, Password = access.Password ?? "" };
            CallOptions options = new CallOptions(cancellationToken: cancellationToken)
                .WithDeadline(time.GetUtcNow().UtcDateTime + _patience);
            using AsyncUnaryCall<AuthenticateResponse> call =
                Invoker().AsyncUnaryCall(EtcdMethods.Authenticate, host: null, options, login);
            _token = (await call.ResponseAsync.ConfigureAwait(false)).Token;
        }

        Metadata headers = _token is null ? [] : new Metadata { { "token", _token } };
        return new CallOptions(headers, cancellationToken: cancellationToken);
    }
}
