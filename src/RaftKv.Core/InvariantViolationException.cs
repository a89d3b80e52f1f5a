namespace RaftKv.Core;

/// <summary>A statement that must always hold did not. The node must stop: nothing may catch this and go on.</summary>
public sealed class InvariantViolationException : Exception
{
    /// <summary>Makes the exception with the broken statement and the values at hand.</summary>
    public InvariantViolationException(string message) : base(message)
    {
    }
}
