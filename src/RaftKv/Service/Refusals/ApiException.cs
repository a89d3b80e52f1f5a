namespace RaftKv.Service.Refusals;

/// <summary>
/// A bad request, thrown while it is parsed and turned into a problem at the top of the API. Nothing was proposed when
/// it is thrown.
/// </summary>
public sealed class ApiException : Exception
{
    /// <summary>Makes one from an error.</summary>
    public ApiException(ApiError error)
        : base(error.Detail) => Error = error;

    /// <summary>What goes out.</summary>
    public ApiError Error { get; }

    /// <summary>A 400 with a sentence that helps.</summary>
    public static ApiException Invalid(string detail) => new(ErrorMapper.Invalid(detail));
}
