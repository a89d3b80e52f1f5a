using System.Globalization;
using System.Text;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;

namespace RaftKv.Simulation.Checking;

/// <summary>By what a command is known when it comes again.</summary>
internal static class OnceNames
{
    /// <summary>Its author and key, or its number in its client session; null when every time is a first one.</summary>
    public static string? Of(KvCommand command) =>
        command.Session is { Sequence: > 0 } stamp ? string.Create(CultureInfo.InvariantCulture, $"{stamp.Id} {stamp.Sequence}")
        : command.Idempotency is { } keyed ? $"{Text(command.Principal)}/{Text(keyed.Key)}"
        : null;

    /// <summary>True for what is never forgotten in a way that lets it run again: numbers, and keys that say when they were born.</summary>
    public static bool IsForEver(KvCommand command) =>
        command.Session is { Sequence: > 0 } || command.Idempotency?.Key.Span.StartsWith("born="u8) == true;

    /// <summary>True for the answer of a command that ran, or would have, had it not run before.</summary>
    public static bool IsAnswer(CommandResult result) => result.Status is not (
        CommandStatus.IdempotencyReused or CommandStatus.QueueFull or CommandStatus.Overloaded or CommandStatus.SessionUnknown
        or CommandStatus.SessionFull or CommandStatus.IdempotencyExpired or CommandStatus.KeyFromFuture
        or CommandStatus.QuotaExceeded or CommandStatus.Corrupt or CommandStatus.AccessDenied);

    private static string Text(ReadOnlyMemory<byte> bytes) => Encoding.Latin1.GetString(bytes.Span);
}
