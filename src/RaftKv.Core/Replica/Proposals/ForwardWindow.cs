namespace RaftKv.Core.Replica.Proposals;

/// <summary>
/// Which proposal numbers of one origin the leader of a term has taken, so that a repeated forward is never appended
/// twice. A bitmap over the numbers from the origin's floor on; what is below the floor is decided and never taken
/// again.
/// </summary>
internal sealed class ForwardWindow
{
    // Four times the most that an origin may have undecided by default. A number beyond it is ignored, and offered
    // again later.
    private const int WindowBits = 64 * 1024;

    private readonly ulong[] _bits = new ulong[WindowBits / 64];
    private long _floor;

    /// <summary>Raises the floor.</summary>
    public void RaiseFloor(long floor)
    {
        if (floor <= _floor)
        {
            return;
        }

        if (floor - _floor >= WindowBits)
        {
            Array.Clear(_bits);
        }
        else
        {
            for (long number = _floor; number < floor; number++)
            {
                _bits[Word(number)] &= ~Bit(number);
            }
        }

        _floor = floor;
    }

    /// <summary>
    /// Notes a number: true when it is new and may be appended. What is not noted is not refused either.
    /// </summary>
    public bool TryTake(long number)
    {
        if (number < _floor || number - _floor >= WindowBits)
        {
            return false;
        }

        ulong bit = Bit(number);
        bool isNew = (_bits[Word(number)] & bit) == 0;
        _bits[Word(number)] |= bit;
        return isNew;
    }

    private static int Word(long number) => (int)((ulong)number % WindowBits / 64);

    private static ulong Bit(long number) => 1UL << (int)((ulong)number % 64);
}
