using System.Runtime.CompilerServices;

namespace RaftKv.Scenarios.Support;

/// <summary>
/// The black-box suite may run at the same time, in another process: the scenarios draw their ports from another range.
/// </summary>
internal static class Ports
{
    private const string Setting = "RAFTKV_JEPSEN_PORTS";

    [ModuleInitializer]
    internal static void UseOwnRange()
    {
        if (Environment.GetEnvironmentVariable(Setting) is null)
        {
            Environment.SetEnvironmentVariable(Setting, "22800");
        }
    }
}
