namespace RaftKv.Security.Tls;

/// <summary>PEM files can't be used. The message is a sentence for their owner, and never quotes what they hold.</summary>
internal sealed class TlsFilesException(string message) : Exception(message);
