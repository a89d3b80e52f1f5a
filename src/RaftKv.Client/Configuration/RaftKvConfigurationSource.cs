using Microsoft.Extensions.Configuration;

namespace RaftKv.Client.Configuration;

/// <summary>Makes the provider.</summary>
internal sealed class RaftKvConfigurationSource(RaftKvConfigurationOptions options) : IConfigurationSource
{
    public IConfigurationProvider Build(IConfigurationBuilder builder) => new RaftKvConfigurationProvider(options);
}
