namespace RaftKv.Migration.Etcd;

/// <summary>An answer has more bytes than are taken in at once: ask for less.</summary>
internal sealed class AnswerTooLargeException : Exception;
