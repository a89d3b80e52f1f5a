using Microsoft.Extensions.Logging;

namespace RaftKv.Diagnostics;

/// <summary>What is logged of TLS: event ids 5xxx. Never a key, and of certificates only what everybody may know.</summary>
internal static partial class TlsLog
{
    private const string NotTakenText =
        "TLS of the {Use} port: the files have changed and can't be used, so the former ones go on: {Problem}";

    private const string InsecureText =
        "Without TLS beyond this machine, as --insecure says: {Urls}. Whoever is on the way can read and change all";

    private const string MixedText =
        "--peer-tls-mode mixed: peers are spoken to in the clear as well. Go on to required when every node has certificates";

    [LoggerMessage(5001, LogLevel.Information, "TLS of the {Use} port: new files are taken; {Subject} is valid until {Until:u}")]
    public static partial void Reloaded(ILogger logger, string use, string subject, DateTime until);

    [LoggerMessage(5002, LogLevel.Warning, NotTakenText)]
    public static partial void NotTaken(ILogger logger, string use, string problem);

    [LoggerMessage(5003, LogLevel.Warning, "Refused a connection to the {Use} port from {Address}: {Reason}")]
    public static partial void Refused(ILogger logger, string use, string address, string reason);

    [LoggerMessage(5004, LogLevel.Warning, "The {Kind} of {Subject} for the {Use} port ends at {Until:u}; replace it before")]
    public static partial void EndsSoon(ILogger logger, string use, string kind, string subject, DateTimeOffset until);

    [LoggerMessage(5005, LogLevel.Error, "The {Kind} of {Subject} for the {Use} port has ended at {Until:u}: others refuse it")]
    public static partial void HasEnded(ILogger logger, string use, string kind, string subject, DateTimeOffset until);

    [LoggerMessage(5006, LogLevel.Information, "Closed a connection to the {Use} port from {Address}, by the new files: {Reason}")]
    public static partial void NoLongerGood(ILogger logger, string use, string address, string reason);

    [LoggerMessage(5007, LogLevel.Warning, InsecureText)]
    public static partial void Insecure(ILogger logger, string urls);

    [LoggerMessage(5008, LogLevel.Warning, MixedText)]
    public static partial void Mixed(ILogger logger);
}
