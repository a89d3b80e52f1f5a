namespace RaftKv.Core.Store.Commands;

/// <summary>
/// What a command's bytes ask of those who handle them, read without decoding. The first byte is the cluster version in
/// which its meaning came; the encoder puts it there, and a decoder finds it wrong when the contents need another one.
/// </summary>
public static class CommandNeeds
{
    /// <summary>The cluster version in which a command may be proposed; 0 for no bytes.</summary>
    public static ClusterVersion ToPropose(ReadOnlySpan<byte> command) => new(command.IsEmpty ? 0 : command[0]);

    /// <summary>
    /// The cluster version that a build must support to apply the command: for the raise of the version, the new one.
    /// </summary>
    public static ClusterVersion ToApply(ReadOnlySpan<byte> command)
    {
        bool isRaise = command.Length == 3 && command[0] == ClusterVersion.Base.Value
            && command[1] == (byte)CommandKind.SetClusterVersion;
        return isRaise ? new ClusterVersion(command[2]) : ToPropose(command);
    }
}
