using System.IO.Pipelines;

namespace RaftKv.Doors.Etcd.Watches;

/// <summary>Fills a body's memory block by block, so that many small pieces cost one request for memory.</summary>
internal ref struct BodyFiller(PipeWriter body)
{
    private readonly PipeWriter _body = body;
    private Span<byte> _left;
    private int _used;

    /// <summary>Memory for a small piece, to be filled before anything else is asked for.</summary>
    public Span<byte> Take(int length)
    {
        if (_left.Length < length)
        {
            End();
            _left = _body.GetSpan(length);
        }

        Span<byte> piece = _left[..length];
        _left = _left[length..];
        _used += length;
        return piece;
    }

    /// <summary>Copies bytes, as many as there are.</summary>
    public void Copy(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (_left.IsEmpty)
            {
                End();
                _left = _body.GetSpan();
            }

            int length = Math.Min(bytes.Length, _left.Length);
            bytes[..length].CopyTo(Take(length));
            bytes = bytes[length..];
        }
    }

    /// <summary>Hands what was filled to the body; memory is asked for anew after that.</summary>
    public void End()
    {
        if (_used > 0)
        {
            _body.Advance(_used);
        }

        _used = 0;
        _left = default;
    }
}
