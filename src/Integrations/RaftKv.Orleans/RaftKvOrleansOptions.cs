using Microsoft.Extensions.DependencyInjection;
using RaftKv.Client;

namespace RaftKv.Orleans;

/// <summary>Where Orleans' tables are, and through which client they are reached.</summary>
public sealed class RaftKvOrleansOptions
{
    /// <summary>
    /// What all keys begin with; default <c>orleans/</c>. The cluster's or the service's id follows, so that clusters with
    /// other ids share nothing.
    /// </summary>
    /// <exception cref="ArgumentException">Empty.</exception>
    public string KeyRoot
    {
        get;
        set
        {
            ArgumentException.ThrowIfNullOrEmpty(value);
            field = value;
        }
    } = "orleans/";

    /// <summary>The service key of the <see cref="RaftKvClient"/>; null takes the one that is registered without a key.</summary>
    public string? ClientKey { get; set; }

    /// <exception cref="InvalidOperationException">No client is registered; the message says how to.</exception>
    internal RaftKvClient FindClient(IServiceProvider services) =>
        (ClientKey is null ? services.GetService<RaftKvClient>() : services.GetKeyedService<RaftKvClient>(ClientKey))
        ?? throw new InvalidOperationException(
            $"No RaftKvClient is registered{(ClientKey is null ? "" : $" under the key '{ClientKey}'")}; "
            + "call services.AddRaftKvClient(…) first.");
}
