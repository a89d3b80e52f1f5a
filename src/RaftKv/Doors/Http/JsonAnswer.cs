using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace RaftKv.Doors.Http;

/// <summary>
/// A JSON body under construction. One is kept per thread, so that an answer allocates neither writer nor buffer.
/// Whoever rents it returns it once the bytes are with the server.
/// </summary>
internal sealed class JsonAnswer
{
    // A buffer that grew beyond this is left to the collector rather than kept for ever by an idle thread.
    private const int MaxKeptBytes = 64 * 1024;

    // Relaxed: the answer is application/json, never put into a page as it is, and a person reads it in a terminal.
    private static readonly JsonWriterOptions _options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    [ThreadStatic]
    private static JsonAnswer? _kept;

    private readonly ArrayBufferWriter<byte> _buffer = new(1024);

    private JsonAnswer() => Json = new Utf8JsonWriter(_buffer, _options);

    /// <summary>Writes here.</summary>
    public Utf8JsonWriter Json { get; }

    /// <summary>Takes the thread's answer, or a new one.</summary>
    public static JsonAnswer Rent()
    {
        JsonAnswer answer = _kept ?? new JsonAnswer();
        _kept = null;
        return answer;
    }

    /// <summary>Ends the JSON and gives its bytes, valid until <see cref="Return"/>.</summary>
    public ReadOnlyMemory<byte> Finish()
    {
        Json.Flush();
        return _buffer.WrittenMemory;
    }

    /// <summary>Forgets the bytes that <see cref="Finish"/> gave, and goes on writing the same JSON.</summary>
    public void Drained() => _buffer.ResetWrittenCount();

    /// <summary>Gives the answer back; its bytes are void from now on.</summary>
    public void Return()
    {
        if (_buffer.Capacity <= MaxKeptBytes)
        {
            _buffer.ResetWrittenCount();
            Json.Reset();
            _kept = this;
        }
    }
}
