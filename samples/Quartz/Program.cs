// Start this in several terminals: each has the same trigger in memory, and every firing runs in one of them.
using Microsoft.Extensions.DependencyInjection;
using Quartz;
using RaftKv.Client;
using RaftKv.Quartz;
using RaftKv.Samples;

ServiceCollection services = new();
services.AddLogging();
services.AddRaftKvClient(static o => o.Endpoints = Cluster.Endpoints);
services.AddQuartz(static q => q.AddTriggerListener(
    static provider => new RaftKvFireOnceListener(provider.GetRequiredService<RaftKvClient>())));
await using ServiceProvider provider = services.BuildServiceProvider();
IScheduler scheduler = await provider.GetRequiredService<ISchedulerFactory>().GetScheduler();
await scheduler.ScheduleJob(
    JobBuilder.Create<Tell>().WithIdentity("tell").Build(),
    TriggerBuilder.Create().WithIdentity("every two seconds").WithCronSchedule("0/2 * * * * ?").Build());
await scheduler.Start();
await Task.Delay(Timeout.Infinite, Cluster.Stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
await scheduler.Shutdown(true);

/// <summary>Says when it runs.</summary>
internal sealed class Tell : IJob
{
    public ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken)
    {
        Console.WriteLine($"the firing of {context.ScheduledFireTimeUtc:HH:mm:ss} runs here");
        return ValueTask.CompletedTask;
    }
}
