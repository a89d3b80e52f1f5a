namespace RaftKv.Scenarios.Support;

/// <summary>The process died here.</summary>
internal sealed class DiedException : Exception
{
    public DiedException()
        : base("The coordinator died here, as the test wants it.")
    {
    }
}

/// <summary>When a coordinator dies.</summary>
/// <param name="AtRequest">Its how-manieth request, from 1, is the last one.</param>
/// <param name="IsAfterIt">
/// True: the request has had its effect and the answer is lost. False: it never left.
/// </param>
internal sealed record Death(int AtRequest, bool IsAfterIt)
{
    public override string ToString() => $"{(IsAfterIt ? "after" : "before")} request {AtRequest}";
}

/// <summary>
/// Lets a client die at a chosen request, so that a test can go through every point at which a coordinator can die. From
/// there on nothing leaves.
/// </summary>
internal sealed class DyingHandler(Death? death) : DelegatingHandler(new SocketsHttpHandler())
{
    private int _requestCount;

    /// <summary>True once it has happened.</summary>
    public bool IsDead { get; private set; }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        int number = Interlocked.Increment(ref _requestCount);
        bool isLast = death is not null && number >= death.AtRequest;
        if (isLast && (!death!.IsAfterIt || number > death.AtRequest))
        {
            IsDead = true;
            throw new DiedException();
        }

        HttpResponseMessage answer = await base.SendAsync(request, cancellationToken);
        if (isLast)
        {
            await answer.Content.LoadIntoBufferAsync(cancellationToken);
            answer.Dispose();
            IsDead = true;
            throw new DiedException();
        }

        return answer;
    }
}
