namespace RaftKv.Core.Identity;

/// <summary>
/// This data directory can't be the member that it was: a peer has shown that it is a copy, or that it lost what it had
/// acknowledged. The message names cause and action; the node ends, and nothing on its disk is changed.
/// </summary>
public sealed class MemberRefusedException(string message) : Exception(message);
