namespace RaftKv.Migration.Etcd;

/// <summary>How a cluster that speaks etcd's API is reached, and as whom.</summary>
/// <param name="Endpoints">Any of its nodes; the first that answers is asked, and the next ones when it doesn't.</param>
/// <param name="Handler">Makes what connections are made with, such as one that trusts an authority.</param>
public sealed record EtcdAccess(IReadOnlyList<Uri> Endpoints, Func<SocketsHttpHandler> Handler)
{
    /// <summary>A user, with <see cref="Password"/>; null for none.</summary>
    public string? User { get; init; }

    /// <summary>The user's password. Never printed.</summary>
    public string? Password { get; init; }

    /// <summary>A token in place of a user; null for none. Never printed.</summary>
    public string? Token { get; init; }

    /// <inheritdoc/>
    public override string ToString() => string.Join(',', Endpoints.Select(static endpoint => endpoint.ToString().TrimEnd('/')));
}
