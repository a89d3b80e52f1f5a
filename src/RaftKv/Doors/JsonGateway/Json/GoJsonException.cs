namespace RaftKv.Doors.JsonGateway.Json;

/// <summary>A body that is no JSON of the message, with the text that Go's decoder has for it.</summary>
internal sealed class GoJsonException(string message) : Exception(message);
