using System.Diagnostics;
using RaftKv.Client.Errors;

namespace RaftKv.Client.Http;

/// <summary>One call's activity and measurements. Costs next to nothing while nobody listens.</summary>
internal sealed class CallTrace : IDisposable
{
    // OpenTelemetry's semantic conventions for clients of databases.
    private const string SystemTag = "db.system.name";
    private const string SystemName = "raftkv";
    private const string OperationTag = "db.operation.name";
    private const string ErrorTag = "error.type";
    private const string Ok = "ok";

    private readonly string? _operation;
    private readonly TimeProvider _time;
    private readonly long _startTimestamp;
    private readonly Activity? _activity;
    private int _failedAttempts;

    internal CallTrace(RequestSpec spec, TimeProvider time)
    {
        _time = time;
        bool isTraced = ClientMetrics.Activities.HasListeners();
        if (!isTraced && !ClientMetrics.CallDuration.Enabled && !ClientMetrics.OperationDuration.Enabled
            && !ClientMetrics.FailedAttempts.Enabled)
        {
            return;
        }

        _operation = ClientMetrics.OperationOf(spec);
        _startTimestamp = time.GetTimestamp();
        _activity = isTraced ? ClientMetrics.Activities.StartActivity("raftkv " + _operation, ActivityKind.Client) : null;
        _activity?.SetTag(SystemTag, SystemName);
        _activity?.SetTag(OperationTag, _operation);
    }

    public void Dispose() => _activity?.Dispose();

    internal void Answered(Answer answer)
    {
        _activity?.SetTag("raftkv.node", answer.Metadata.ServedBy);
        _activity?.SetTag("raftkv.revision", answer.Metadata.Revision);
        _activity?.SetTag("raftkv.consistency", answer.Metadata.Consistency?.ToString());
        _activity?.SetTag("raftkv.replayed", answer.Metadata.IsReplayed);
        End(answer.Problem?.Code ?? Ok, error: null);
    }

    internal void Failed(Exception e)
    {
        string outcome = e is RaftKvException failure ? failure.Code : e is OperationCanceledException ? "cancelled" : "error";
        _activity?.SetStatus(ActivityStatusCode.Error, outcome);
        _activity?.SetTag(ErrorTag, outcome);
        End(outcome, error: outcome);
    }

    internal void AttemptFailed(Failure failure)
    {
        if (_operation is null)
        {
            return;
        }

        _failedAttempts++;
        ClientMetrics.FailedAttempts.Add(1, new("operation", _operation), new KeyValuePair<string, object?>("code", failure.Code));
        _activity?.AddEvent(new ActivityEvent("attempt failed", tags: new() { ["code"] = failure.Code, ["node"] = failure.Node }));
    }

    /// <param name="error">Null for an answer, also for one that is a problem which the caller had expected.</param>
    private void End(string outcome, string? error)
    {
        if (_operation is null)
        {
            return;
        }

        _activity?.SetTag("raftkv.outcome", outcome);
        _activity?.SetTag("raftkv.attempts.failed", _failedAttempts);
        double seconds = _time.GetElapsedTime(_startTimestamp).TotalSeconds;
        ClientMetrics.CallDuration.Record(
            seconds, new("operation", _operation), new KeyValuePair<string, object?>("outcome", outcome));
        TagList tags = new() { { SystemTag, SystemName }, { OperationTag, _operation } };
        if (error is not null)
        {
            tags.Add(ErrorTag, error);
        }

        ClientMetrics.OperationDuration.Record(seconds, tags);
    }
}
