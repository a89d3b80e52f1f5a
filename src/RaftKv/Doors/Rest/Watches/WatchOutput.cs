using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using RaftKv.Doors.Http;
using RaftKv.Service.Refusals;

namespace RaftKv.Doors.Rest.Watches;

/// <summary>
/// The way out of one stream. The connection's own backpressure bounds what waits in it; a client that takes nothing
/// for too long is told apart from one that has gone. One flow only.
/// </summary>
internal sealed class WatchOutput
{
    // Written bytes after which a message in the making is passed on, so that no message has to fit into memory.
    private const int FlushBytes = 32 * 1024;

    private static readonly TimeSpan _lastMoment = TimeSpan.FromSeconds(1);

    private readonly HttpContext _context;
    private readonly PipeWriter _writer;
    private readonly TimeProvider _time;
    private TimeSpan _patience;
    private int _unflushedBytes;
    private volatile bool _isCutOff;

    public WatchOutput(Exchange exchange)
    {
        _context = exchange.Http;
        _writer = _context.Response.BodyWriter;
        _time = exchange.Context.Time;
        _patience = exchange.Context.Options.WatchWriteTimeout;
    }

    /// <summary>True when enough is written to pass it on.</summary>
    public bool IsFull => _unflushedBytes >= FlushBytes;

    /// <summary>Sends the headers.</summary>
    public async Task StartAsync(string mediaType)
    {
        HttpResponse response = _context.Response;
        response.StatusCode = SuccessStatus.Ok;
        response.ContentType = mediaType;
        response.Headers["X-Accel-Buffering"] = "no";

        // Kestrel breaks connections that take less than some bytes a second, without a word; ours are told why.
        if (_context.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }

        await response.StartAsync();
    }

    /// <summary>Adds bytes.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        _writer.Write(bytes);
        _unflushedBytes += bytes.Length;
    }

    /// <summary>
    /// Passes on what was written. Throws <see cref="SlowConsumerException"/> when the client takes nothing for the
    /// patience or the stream is cut off, and <see cref="OperationCanceledException"/> when it has gone.
    /// </summary>
    public ValueTask FlushAsync()
    {
        _unflushedBytes = 0;
        ValueTask<FlushResult> flush = _writer.FlushAsync();
        if (flush.IsCompletedSuccessfully)
        {
            _ = flush.Result;
            ThrowIfGone();
            return _isCutOff ? ValueTask.FromException(new SlowConsumerException()) : ValueTask.CompletedTask;
        }

        return WaitAsync(flush.AsTask());
    }

    /// <summary>Ends a flush that is under way, or the next one: others need the room. Any thread.</summary>
    public void CutOff()
    {
        _isCutOff = true;
        _writer.CancelPendingFlush();
    }

    /// <summary>
    /// Gives the last message of a slow client a chance: when not even that can be passed on, the connection breaks.
    /// </summary>
    public async Task EndSlowAsync()
    {
        // Who was cut off for room has had a moment already, and keeps it for one more.
        _patience = _isCutOff ? _lastMoment : _patience;
        _isCutOff = false;
        try
        {
            await FlushAsync();
        }
        catch (SlowConsumerException)
        {
            _context.Abort();
        }
    }

    /// <summary>
    /// Breaks the connection: the client drops what it has of the message under way, and resumes from the one before.
    /// </summary>
    public void Break() => _context.Abort();

    private async ValueTask WaitAsync(Task<FlushResult> flush)
    {
        try
        {
            await flush.WaitAsync(_patience, _time);
        }
        catch (TimeoutException)
        {
            _writer.CancelPendingFlush();
            await flush;
            ThrowIfGone();
            throw new SlowConsumerException();
        }

        ThrowIfGone();
        if (_isCutOff)
        {
            throw new SlowConsumerException();
        }
    }

    private void ThrowIfGone() => _context.RequestAborted.ThrowIfCancellationRequested();
}

/// <summary>A client that takes nothing any more.</summary>
internal sealed class SlowConsumerException : Exception;
