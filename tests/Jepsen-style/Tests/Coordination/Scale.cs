namespace RaftKv.JepsenStyle.Tests.Coordination;

/// <summary>How much is done: little by default, and all that was promised with RAFTKV_SOAK=1.</summary>
internal static class Scale
{
    public static bool IsFull { get; } = Environment.GetEnvironmentVariable("RAFTKV_SOAK") == "1";

    public static int Pick(int small, int full) => IsFull ? full : small;
}
