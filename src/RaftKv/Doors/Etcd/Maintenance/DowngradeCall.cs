using System.Globalization;
using RaftKv.Doors.Etcd.Calls;
using RaftKv.Doors.Grpc;
using RaftKv.Service.Vocabulary;
using Proto = RaftKv.Protocol.Etcd;

namespace RaftKv.Doors.Etcd.Maintenance;

/// <summary>
/// Maintenance.Downgrade. A cluster here is downgraded by no call, so there is never a job; what is wrong with a request is
/// said as etcd says it.
/// </summary>
internal static class DowngradeCall
{
    /// <summary>Answers one call; nothing is changed.</summary>
    public static ValueTask<Proto.DowngradeResponse> RunAsync(RpcContext context, Proto.DowngradeRequest request)
    {
        switch (request.Action)
        {
            case Proto.DowngradeRequest.Types.DowngradeAction.Cancel:
                throw EtcdErrors.NoInflightDowngrade();
            case Proto.DowngradeRequest.Types.DowngradeAction.Validate:
            case Proto.DowngradeRequest.Types.DowngradeAction.Enable:
                break;
            default:
                throw EtcdErrors.UnknownMethod();
        }

        if (!TryParse(request.Version, out string? target))
        {
            throw EtcdErrors.WrongDowngradeFormat();
        }

        throw target != EtcdVersion.Previous
            ? EtcdErrors.InvalidDowngradeTarget()
            : EtcdErrors.NotYet("there is no older version of the store to downgrade to; nothing was changed");
    }

    // Two or three numbers, of which the first two count.
    private static bool TryParse(string text, out string? target)
    {
        string[] parts = text.Split('.');
        bool isVersion = parts.Length is 2 or 3
            && Array.TrueForAll(parts, static part => uint.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out _));
        target = isVersion ? $"{parts[0]}.{parts[1]}" : null;
        return isVersion;
    }
}
