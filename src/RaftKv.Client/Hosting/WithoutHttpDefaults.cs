using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http;
using Microsoft.Extensions.Options;

namespace RaftKv.Client.Hosting;

/// <summary>Takes an application's defaults for all HTTP clients out of this client's; what is said under its name stays.</summary>
/// <remarks>
/// The schedule that this prevents: 1. the service defaults give every HTTP client a handler that repeats what failed; 2. an
/// increment without a number is applied, and its connection is lost before the answer; 3. the handler sends it again, and it
/// is applied twice, while the client tells of one. Test: What_repeats_requests_for_all_http_clients_does_not_repeat_this_one_s.
/// </remarks>
internal sealed class WithoutHttpDefaults(IServiceProvider services) : IPostConfigureOptions<HttpClientFactoryOptions>
{
    // A name that nobody configures, so what is found under it are the defaults alone.
    private const string NobodysName = RaftKvServiceCollectionExtensions.HttpClientName + "/nobody";

    public void PostConfigure(string? name, HttpClientFactoryOptions options)
    {
        if (name != RaftKvServiceCollectionExtensions.HttpClientName)
        {
            return;
        }

        // The factory's contract: defaults come before what is said for a name, in whatever order both were registered.
        HttpClientFactoryOptions defaults = services.GetRequiredService<IOptionsMonitor<HttpClientFactoryOptions>>().Get(NobodysName);
        RemoveFirst(options.HttpMessageHandlerBuilderActions, defaults.HttpMessageHandlerBuilderActions.Count);
        RemoveFirst(options.HttpClientActions, defaults.HttpClientActions.Count);
    }

    private static void RemoveFirst<T>(IList<T> actions, int count)
    {
        for (int i = 0; i < count && actions.Count > 0; i++)
        {
            actions.RemoveAt(0);
        }
    }
}
