namespace RaftKv.Service.Access;

/// <summary>
/// Work for <see cref="PatientThread"/>. It allocates nothing: the
/// thread whose allocation begins a collection makes it, and all others would wait for one that gives way to everybody. It may be done
/// twice at once.
/// </summary>
internal interface IPatientWork
{
    /// <summary>Bytes of its result.</summary>
    int ResultBytes { get; }

    /// <summary>Does it, and leaves the result.</summary>
    void Run(Span<byte> result);
}
