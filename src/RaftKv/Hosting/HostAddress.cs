using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace RaftKv.Hosting;

/// <summary>An address at which others most likely reach this machine.</summary>
internal static class HostAddress
{
    private static readonly Lazy<string> _ofThisMachine = new(Find);

    /// <summary>
    /// The first IPv4 address, else IPv6 address, of an interface that is up and has a gateway, else of any that is up;
    /// 127.0.0.1 on a machine with nothing but its loopback. Asked once a process, in the system's order of interfaces.
    /// </summary>
    public static string OfThisMachine => _ofThisMachine.Value;

    private static string Find()
    {
        try
        {
            UnicastIPAddressInformation? best = NetworkInterface.GetAllNetworkInterfaces()
                .Where(card => card.OperationalStatus == OperationalStatus.Up && card.NetworkInterfaceType != NetworkInterfaceType.Loopback)
                .Select(card => card.GetIPProperties())
                .OrderBy(card => card.GatewayAddresses.Count == 0)
                .SelectMany(card => card.UnicastAddresses)
                .Where(address => !address.Address.IsIPv6LinkLocal)
                .OrderBy(address => address.Address.AddressFamily != AddressFamily.InterNetwork)
                .FirstOrDefault();
            return best?.Address.ToString() ?? "127.0.0.1";
        }
        catch (NetworkInformationException)
        {
            // A sandbox that hides its interfaces.
            return "127.0.0.1";
        }
    }
}
