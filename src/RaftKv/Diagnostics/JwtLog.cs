namespace RaftKv.Diagnostics;

/// <summary>What is logged of JSON Web Tokens: event ids 51xx. Never a token, nor what it says.</summary>
internal static partial class JwtLog
{
    private const string NoKeysText = "A JSON Web Token can't be judged, since no key of its issuer is known: {Problem}";

    [LoggerMessage(5101, LogLevel.Warning, "Refused a JSON Web Token: {Reason}")]
    public static partial void Refused(ILogger logger, string reason);

    [LoggerMessage(5102, LogLevel.Error, NoKeysText)]
    public static partial void NoKeys(ILogger logger, string problem);
}
