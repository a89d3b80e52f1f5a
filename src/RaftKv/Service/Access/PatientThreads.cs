using System.Runtime.InteropServices;

namespace RaftKv.Service.Access;

/// <summary>
/// Runs work that takes a core for a tenth of a second and more on threads of its own, which give way to all others: on a pool's
/// thread it would take turns with those that serve calls, whose slowest would wait for it. Any thread.
/// </summary>
/// <remarks>
/// <para>
/// Linux looks at no priority of a thread but its nice value and its policy, which are the thread's and not the process'. A nice
/// value shares a core out; whoever wakes may still have to wait until the turn of a nicer thread is over, some milliseconds. An
/// idle thread (SCHED_IDLE) is put aside at once, but on a machine with nothing to spare it hardly runs: what it has not done in a
/// second is done anew by a thread that is only nice. So there are two lanes of threads.
/// </para>
/// <para>
/// The threads are kept: one that begins or ends takes locks of the runtime that others wait for, and gives memory back, for which
/// all cores are interrupted. Where a system refuses the policy (Docker and systemd allow it, musl has no such call) the idle
/// lane is nice too.
/// </para>
/// </remarks>
internal sealed partial class PatientThreads
{
    // About a tenth of another thread's turns where both want the same core.
    private const int NiceSteps = 10;
    private const int IdlePolicy = 5;

    // What runs is a few frames deep.
    private const int StackBytes = 256 * 1024;

    // Ten times what a check takes on a core of its own.
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(1);

    private readonly Lane _idle;
    private readonly Lane _nice;
    private readonly TimeProvider _time;

    /// <param name="most">Threads of each lane.</param>
    public PatientThreads(int most, TimeProvider time)
    {
        _idle = new Lane(most, BeIdle);
        _nice = new Lane(most, BeNice);
        _time = time;
    }

    /// <summary>Runs it and gives its result, or its failure.</summary>
    public async Task<byte[]> RunAsync(IPatientWork work)
    {
        // The idle lane takes it when one of its threads is free: those that are not may be starved, and so would it be.
        Turn? first = _idle.TryBegin(work);
        if (first is not null)
        {
            using var over = new CancellationTokenSource();
            Task patience = Task.Delay(_patience, _time, over.Token);
            bool isDone = await Task.WhenAny(first.Done, patience) == first.Done;
            await over.CancelAsync();
            if (isDone)
            {
                return await first.Done;
            }
        }

        Turn second = _nice.Begin(work);
        return await (first is null ? second.Done : await Task.WhenAny(first.Done, second.Done));
    }

    private static void BeIdle()
    {
        int priority = 0;
        if (OperatingSystem.IsLinux() && SetPolicy(0, IdlePolicy, ref priority) != 0)
        {
            BeNice();
        }
    }

    private static void BeNice()
    {
        // Elsewhere it would be the process' value.
        if (OperatingSystem.IsLinux())
        {
            _ = GiveWay(NiceSteps);
        }
    }

    // Of no consequence when it is refused.
    [LibraryImport("libc", EntryPoint = "nice")]
    private static partial int GiveWay(int steps);

    [LibraryImport("libc", EntryPoint = "sched_setscheduler")]
    private static partial int SetPolicy(int thread, int policy, ref int priority);

    // One run of one piece of work. All that it takes is allocated by who asks for it.
    private sealed class Turn(IPatientWork work)
    {
        private readonly TaskCompletionSource<byte[]> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly byte[] _result = new byte[work.ResultBytes];
        private Exception? _failure;

        public Task<byte[]> Done => _done.Task;

        public void Run()
        {
            try
            {
                work.Run(_result);
            }
            catch (Exception failure)
            {
                _failure = failure;
            }
        }

        public void Tell()
        {
            if (_failure is null)
            {
                _done.SetResult(_result);
            }
            else
            {
                _done.SetException(_failure);

                // The other lane's may have been told before.
                _ = _done.Task.Exception;
            }
        }
    }

    // Threads that are begun as they are needed and kept, and what waits for one of them.
    private sealed class Lane(int most, Action giveWay)
    {
        private readonly object _gate = new();
        private readonly Queue<Turn> _waiting = new();
        private int _threadCount;
        private int _busyCount;

        /// <summary>Null when all of its threads are taken.</summary>
        public Turn? TryBegin(IPatientWork work)
        {
            lock (_gate)
            {
                return _busyCount + _waiting.Count < most ? Begin(work) : null;
            }
        }

        /// <summary>Waits its turn; who asks bounds how many do.</summary>
        public Turn Begin(IPatientWork work)
        {
            var turn = new Turn(work);
            lock (_gate)
            {
                _waiting.Enqueue(turn);
                if (_threadCount - _busyCount < _waiting.Count && _threadCount < most)
                {
                    _threadCount++;
                    new Thread(RunTurns, StackBytes) { IsBackground = true, Name = "patient", Priority = ThreadPriority.Lowest }.Start();
                }
                else
                {
                    Monitor.Pulse(_gate);
                }
            }

            return turn;
        }

        private void RunTurns()
        {
            giveWay();
            while (true)
            {
                Turn? turn;
                lock (_gate)
                {
                    while (!_waiting.TryDequeue(out turn))
                    {
                        Monitor.Wait(_gate);
                    }

                    _busyCount++;
                }

                turn.Run();
                lock (_gate)
                {
                    _busyCount--;
                }

                // Who hears of it finds the thread free.
                turn.Tell();
            }
        }
    }
}
