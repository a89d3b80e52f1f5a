using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Quartz;
using Quartz.Impl.AdoJobStore;
using RaftKv.Client;
using RaftKv.Integrations.Tests.Support;
using RaftKv.Quartz;

namespace RaftKv.Integrations.Tests.Quartz;

/// <summary>Schedulers that agree: each firing once, and the lock of a store as its interface describes it.</summary>
[Collection(ThreeNodes.Name)]
public sealed class QuartzTests(ThreeNodes nodes)
{
    private const int Firings = 12;

    [Fact]
    public async Task Every_firing_runs_once_on_schedulers_with_jobs_in_memory_while_the_leader_dies()
    {
        Journal journal = new();
        DateTimeOffset start = TimeProvider.System.GetUtcNow() + TimeSpan.FromSeconds(1);
        await using ServiceProvider one = Host("one", journal);
        await using ServiceProvider two = Host("two", journal);
        IScheduler[] schedulers = [await StartAsync(one, start), await StartAsync(two, start)];
        await Until.TrueAsync(() => journal.Count >= 2);

        await using (await nodes.KillLeaderAsync())
        {
            await Until.TrueAsync(() => journal.Count >= Firings);
            await Task.WhenAll(schedulers.Select(static scheduler => scheduler.Shutdown(true).AsTask()));
        }

        Assert.Equal(Firings, journal.Times.Distinct().Count());
        Assert.Equal(Firings, journal.Count);
    }

    [Fact]
    public async Task The_lock_of_a_store_is_had_by_one_requestor_at_a_time_who_may_ask_again()
    {
        RaftKvLockHandler one = new(nodes.Client, new RaftKvQuartzOptions { LockTtl = ThreeNodes.Patience });
        RaftKvLockHandler two = new(nodes.Client, new RaftKvQuartzOptions { LockTtl = ThreeNodes.Patience });
        Guid mine = Guid.NewGuid();
        Guid theirs = Guid.NewGuid();
        Assert.False(one.RequiresConnection);
        Assert.True(await one.AcquireLock(mine, null, SchedulerLock.TriggerAccess));
        Assert.False(await one.AcquireLock(mine, null, SchedulerLock.TriggerAccess));
        Assert.True(await two.AcquireLock(theirs, null, SchedulerLock.StateAccess));
        Task<bool> waiting = two.AcquireLock(theirs, null, SchedulerLock.TriggerAccess).AsTask();
        using CancellationTokenSource stop = new();
        Task<bool> cancelled = two.AcquireLock(Guid.NewGuid(), null, SchedulerLock.TriggerAccess, stop.Token).AsTask();

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled.WaitAsync(ThreeNodes.Patience));
        Assert.False(waiting.IsCompleted);
        await one.ReleaseLock(mine, SchedulerLock.TriggerAccess);
        await one.ReleaseLock(mine, SchedulerLock.TriggerAccess);
        Assert.True(await waiting.WaitAsync(ThreeNodes.Patience));
        await two.Shutdown();
        Assert.True(await one.AcquireLock(mine, null, SchedulerLock.StateAccess));
        await one.Shutdown();
    }

    [Fact]
    public async Task A_lock_that_can_not_be_had_is_said_so_and_never_taken_for_one_that_is_held()
    {
        using CuttableHandler way = new();
        await using RaftKvClient client = nodes.Cluster.CreateClient(o => o.HttpMessageHandler = way);
        RaftKvLockHandler handler = new(client, new RaftKvQuartzOptions { LockTtl = TimeSpan.FromSeconds(1) });
        Guid mine = Guid.NewGuid();
        Assert.True(await handler.AcquireLock(mine, null, SchedulerLock.StateAccess));
        way.Cut();

        await Assert.ThrowsAsync<LockException>(() => handler.AcquireLock(Guid.NewGuid(), null, SchedulerLock.TriggerAccess).AsTask());
        await Until.TrueAsync(async () =>
        {
            try
            {
                return await handler.AcquireLock(mine, null, SchedulerLock.StateAccess);
            }
            catch (LockException)
            {
                return true;
            }
        });
        await handler.ReleaseLock(mine, SchedulerLock.StateAccess);
    }

    private static async Task<IScheduler> StartAsync(ServiceProvider host, DateTimeOffset start)
    {
        IScheduler scheduler = await host.GetRequiredService<ISchedulerFactory>().GetScheduler();
        IJobDetail job = JobBuilder.Create<Entry>().WithIdentity("job").Build();
        ITrigger trigger = TriggerBuilder.Create().WithIdentity("trigger/with a slash").StartAt(start)
            .WithSimpleSchedule(static s => s.WithInterval(TimeSpan.FromMilliseconds(250)).WithRepeatCount(Firings - 1)
                .WithMisfireInstruction(SimpleTriggerMisfireInstruction.IgnoreMisfires)).Build();
        await scheduler.ScheduleJob(job, trigger);
        await scheduler.Start();
        return scheduler;
    }

    private ServiceProvider Host(string name, Journal journal)
    {
        ServiceCollection services = new();
        services.AddLogging();
        services.AddSingleton(journal);
        services.AddQuartz(q =>
        {
            q.ConfigureScheduler(o => o.InstanceName = name);
            q.AddTriggerListener(new RaftKvFireOnceListener(nodes.Client));
        });
        return services.BuildServiceProvider();
    }

    public sealed class Journal
    {
        private readonly ConcurrentQueue<DateTimeOffset> _times = new();

        internal int Count => _times.Count;

        internal IEnumerable<DateTimeOffset> Times => _times;

        internal void Write(DateTimeOffset time) => _times.Enqueue(time);
    }

    public sealed class Entry(Journal journal) : IJob
    {
        public ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken)
        {
            journal.Write(context.ScheduledFireTimeUtc!.Value);
            return ValueTask.CompletedTask;
        }
    }
}
