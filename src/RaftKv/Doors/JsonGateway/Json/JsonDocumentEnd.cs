using System.Buffers;

namespace RaftKv.Doors.JsonGateway.Json;

/// <summary>
/// Finds where the first document in a growing run of bytes ends, looking at every byte once. What is not an object
/// ends with the bytes that are there: the parser says what is wrong with it.
/// </summary>
internal sealed class JsonDocumentEnd
{
    private long _seen;
    private int _depth;
    private bool _isInString;
    private bool _isBare;
    private bool _isEscaped;

    /// <summary>Length of the first document with the space before it; null while its end is not there.</summary>
    public long? Find(in ReadOnlySequence<byte> bytes)
    {
        foreach (ReadOnlyMemory<byte> segment in bytes.Slice(_seen))
        {
            foreach (byte c in segment.Span)
            {
                _seen++;
                if (IsEnd(c))
                {
                    return _isBare ? bytes.Length : _seen;
                }
            }
        }

        return null;
    }

    /// <summary>Begins anew, for the bytes after the document.</summary>
    public void Reset()
    {
        _seen = 0;
        _depth = 0;
        _isInString = false;
        _isEscaped = false;
        _isBare = false;
    }

    private bool IsEnd(byte c)
    {
        if (_isInString)
        {
            _isInString = c != '"' || _isEscaped;
            _isEscaped = c == '\\' && !_isEscaped;
            return false;
        }

        switch (c)
        {
            case (byte)'{' or (byte)'[':
                _depth++;
                return false;
            case (byte)'}' or (byte)']':
                return --_depth <= 0;
            case (byte)'"' when _depth > 0:
                _isInString = true;
                return false;
            case (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n':
                return false;
            default:
                _isBare = _depth == 0;
                return _isBare;
        }
    }
}
