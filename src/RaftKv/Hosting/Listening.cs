using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace RaftKv.Hosting;

/// <summary>Addresses to listen at, and the sentences for those that can't be had.</summary>
internal static class Listening
{
    /// <summary>Adds an address. Throws <see cref="StartRefusedException"/> for a name that is none of this machine.</summary>
    public static void Listen(this KestrelServerOptions kestrel, ServerUrl url, Action<ListenOptions> configure)
    {
        if (IPAddress.TryParse(url.Host, out IPAddress? address))
        {
            kestrel.Listen(address, url.Port, configure);
        }
        else if (url.Host == "localhost")
        {
            kestrel.ListenLocalhost(url.Port, configure);
        }
        else
        {
            throw new StartRefusedException(
                $"Can't listen at {url}: \"{url.Host}\" is a name. Give an address of this machine, or http://0.0.0.0:{url.Port} for"
                + " all of them.");
        }
    }

    /// <summary>Waits until a start to listen is done. Throws <see cref="StartRefusedException"/> when an address can't be had.</summary>
    public static async Task ListenAsync(Task starting, NodeOptions options)
    {
        try
        {
            await starting.ConfigureAwait(false);
        }
        catch (IOException failure) when (failure.InnerException is AddressInUseException)
        {
            throw new StartRefusedException(
                $"{failure.Message.TrimEnd('.')}. Stop the process that has the port, or choose another one with --client and --peer.");
        }
        catch (SocketException failure)
        {
            throw new StartRefusedException(
                $"Can't listen at {string.Join(", ", options.ClientUrls)} and {options.EffectivePeerUrl}: {failure.Message}.");
        }
    }
}
